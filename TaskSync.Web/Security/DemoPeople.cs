namespace TaskSync.Web.Security;

/// <summary>Somebody one can be with one click, in Development without Entra only.</summary>
public sealed record DemoPerson(string Key, string Name, string Email, bool IsAdmin)
{
    /// <summary>Who it is for the Person row.</summary>
    public string SubjectId => $"demo:{Key}";
}

public static class DemoPeople
{
    public static IReadOnlyList<DemoPerson> All { get; } =
    [
        new("rita", "Rita Rep", "rita.rep@acme.example", IsAdmin: false),
        new("sam", "Sam Seller", "sam.seller@acme.example", IsAdmin: false),
        new("nora", "Nora North", "nora.north@acme.example", IsAdmin: false),
        new("adam", "Adam Admin", "adam.admin@acme.example", IsAdmin: true),
    ];
}
