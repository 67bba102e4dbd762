namespace TaskSync.Tests.Repository;

/// <summary>The folders of the engine use each other in one direction only.</summary>
public sealed class SyncFoldersTests
{
    private static readonly string[] Ground = ["Model", "Signals", "Data", "Instances", "Reconciliation", "Salesforce"];
    private static readonly string[] Rooms = ["Engine", "Engine.Budget", "Engine.Pull", "Engine.Check", "Engine.Push", "Engine.Reader", "Engine.SwitchOn", "Engine.SwitchOn.Preview", "Engine.Cycle"];

    private static readonly FolderArrows Sync = new("TaskSync.Sync",
        ("Model", []),
        ("Signals", ["Model"]),
        ("Data", ["Model"]),
        ("Instances", ["Model", "Signals", "Data"]),
        ("Reconciliation", ["Model"]),
        ("Salesforce", ["Model", "Signals", "Data", "Instances", "Reconciliation"]),
        ("Problems", Ground),
        ("Engine", [.. Ground, "Problems"]),
        ("Engine.Budget", [.. Ground, "Problems", .. Rooms[..1]]),
        ("Engine.Pull", [.. Ground, "Problems", .. Rooms[..2]]),
        ("Engine.Check", [.. Ground, "Problems", .. Rooms[..3]]),
        ("Engine.Push", [.. Ground, "Problems", .. Rooms[..4]]),
        ("Engine.Reader", [.. Ground, "Problems", .. Rooms[..5]]),
        ("Engine.SwitchOn", [.. Ground, "Problems", .. Rooms[..6]]),
        ("Engine.SwitchOn.Preview", [.. Ground, "Problems", .. Rooms[..7]]),
        ("Engine.Cycle", [.. Ground, "Problems", .. Rooms[..8]]),
        ("Connections", [.. Ground, "Problems", .. Rooms]),
        ("Tasks", [.. Ground, "Problems", .. Rooms]),
        ("Status", [.. Ground, "Problems", .. Rooms, "Connections", "Tasks"]),
        ("Privacy", [.. Ground, "Problems", .. Rooms, "Connections", "Tasks", "Status"]),
        ("Jobs", [.. Ground, "Problems", .. Rooms, "Connections", "Tasks"]));

    [Fact]
    public void Sync_folders_point_one_way() => Assert.Empty(Sync.ViolationsIn("TaskSync.Sync"));
}
