using TaskSync.Simulator.Org;

namespace TaskSync.Simulator.Inside;

/// <summary>A Salesforce user as it was when it was looked at.</summary>
public sealed class SimulatedUser
{
    private readonly Row _row;

    internal SimulatedUser(Row row) => _row = row;

    /// <summary>Record id, 18 characters.</summary>
    public string Id => _row.Id;

    /// <summary>Login name, like an e-mail address.</summary>
    public string Username => _row.Text("Username")!;

    /// <summary>Full name.</summary>
    public string Name => _row.Text("Name")!;

    /// <summary>E-mail address.</summary>
    public string Email => _row.Text("Email")!;

    /// <summary>IANA time zone.</summary>
    public string TimeZone => _row.Text("TimeZoneSidKey")!;

    /// <summary>May log in and own tasks.</summary>
    public bool IsActive => _row.Is("IsActive");

    /// <summary>Sees every record.</summary>
    public bool ViewAllData => _row.Is("$ViewAllData");

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Username})";
}
