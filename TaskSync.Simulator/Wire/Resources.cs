namespace TaskSync.Simulator.Wire;

/// <summary>Names the resource of a request with placeholders for what varies, for the call log and the conditions of faults.</summary>
internal static class Resources
{
    public static string NameOf(string path)
    {
        if (RequestTarget.Parse(path) is { } data)
            return "/" + string.Join('/', Template(RequestTarget.Segments(data.Below)));
        var segments = RequestTarget.Segments(path);
        return segments switch
        {
            ["services", "data", ..] => "/versions",
            ["services", "oauth2", var name, ..] => "/oauth2/" + name,
            ["services", "Soap", ..] => "/Soap",
            ["id", _, _] => "/id",
            _ => path,
        };
    }

    private static string[] Template(string[] path) => path switch
    {
        ["query" or "queryAll", _] => [path[0], "{locator}"],
        ["sobjects", var type, "describe" or "updated" or "deleted"] => ["sobjects", type, path[2]],
        ["sobjects", var type, _] => ["sobjects", type, "{id}"],
        ["sobjects", var type, var key, _] => ["sobjects", type, key, "{value}"],
        _ => path,
    };
}
