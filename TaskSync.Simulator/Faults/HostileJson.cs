namespace TaskSync.Simulator.Faults;

/// <summary>Bodies that a client must refuse without harm: valid or nearly valid JSON that is not what was asked for.</summary>
public static class HostileJson
{
    private const int Deep = 200;
    private const int Huge = 2_000_000;

    /// <summary>All of them, each with status 200.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "",
        "null",
        "[]",
        "{}",
        "\"<html>\"",
        "<html><body>Please log in</body></html>",
        "{\"totalSize\":\"many\",\"done\":\"yes\",\"records\":{}}",
        "{\"totalSize\":1,\"done\":true,\"records\":null}",
        "{\"totalSize\":1,\"done\":true,\"records\":[null]}",
        "{\"totalSize\":1,\"done\":true,\"records\":[{\"Id\":5,\"Subject\":{},\"ActivityDate\":\"not a date\",\"SystemModstamp\":true}]}",
        "{\"totalSize\":1,\"done\":false,\"records\":[]}",
        "{\"totalSize\":1,\"done\":false,\"nextRecordsUrl\":\"https://evil.example/services/data/v66.0/query/01g\",\"records\":[]}",
        "{\"totalSize\":1,\"done\":true,\"records\":[{\"Id\":\"00T\",\"SystemModstamp\":\"9999-99-99T99:99:99.000+0000\"}]}",
        "{\"compositeResponse\":[]}",
        "{\"compositeResponse\":[{\"httpStatusCode\":\"200\",\"body\":null,\"referenceId\":null}]}",
        "{\"ids\":\"all\",\"latestDateCovered\":0}",
        "{\"deletedRecords\":[{\"id\":null}],\"latestDateCovered\":\"yesterday\"}",
        "[{\"success\":\"maybe\",\"errors\":null}]",
        "{\"records\":[" + new string('[', Deep) + new string(']', Deep) + "]}",
        "{\"totalSize\":1,\"done\":true,\"records\":[{\"Subject\":\"" + new string('x', Huge) + "\"}]}",
        "{\"Subject\":\"\\ud800\"}",
    ];

    internal static string Of(FaultRule fault) => All[(fault.Item >= 0 ? fault.Item : fault.Fired - 1) % All.Count];
}
