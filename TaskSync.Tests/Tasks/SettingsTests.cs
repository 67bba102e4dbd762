using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Tasks;

public sealed class SettingsTests : IAsyncDisposable
{
    private readonly Desk _desk = new();

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task F1_without_a_connection_the_box_is_off_and_says_why_it_cannot_be_ticked()
    {
        var settings = await Load();
        Assert.Null(settings.Connection);
        Assert.Equal((false, "Connect Salesforce first.", ImportWindow.Last24Hours), (settings.Sync.Enabled, settings.Sync.CannotEnableReason, settings.Sync.Window));
        Assert.NotNull(await _desk.Settings.SaveSyncAsync(_desk.Rita, on: true, ImportWindow.Last24Hours, Desk.Never));
        Assert.False((await Load()).Sync.Enabled);
    }

    [Fact]
    public async Task F2_save_starts_the_first_sync_at_once()
    {
        var connection = _desk.Connect(_desk.Rita);
        Assert.Null(await _desk.Settings.SaveSyncAsync(_desk.Rita, on: true, ImportWindow.Last7Days, Desk.Never));
        var sync = (await Load()).Sync;
        Assert.Equal((true, ImportWindow.Last7Days, false), (sync.Enabled, sync.Window, sync.HasSyncedBefore));
        Assert.Equal(new InitialProgress(InitialSyncKind.FirstSync, InitialSyncState.Running, null, 0, "Counting your Salesforce tasks."), sync.Progress);
        Assert.Null(sync.Progress!.Percent);
        Assert.Equal([connection.Id], _desk.Rings);
    }

    [Theory]
    [InlineData(null, 0, null)]
    [InlineData(0, 0, 100)]
    [InlineData(200, 50, 25)]
    [InlineData(200, 250, 100)]
    public void F2_progress_is_a_share_of_what_was_found(int? found, int done, int? percent) =>
        Assert.Equal(percent, new InitialProgress(InitialSyncKind.FirstSync, InitialSyncState.Running, found, done, null).Percent);

    [Fact]
    public async Task F7_unticking_always_works_and_asks_nothing()
    {
        var connection = _desk.StartSync();
        _desk.Park(_desk.Linked(connection));
        Assert.Null(await _desk.Settings.SaveSyncAsync(_desk.Rita, on: false, ImportWindow.AllOpen, Desk.Never));
        Assert.Equal((false, ImportWindow.AllOpen), (await Load()).Sync is var sync ? (sync.Enabled, sync.Window) : default);
        Assert.Single(_desk.Read(db => db.Links.ToList()));
    }

    [Fact]
    public async Task Somebody_who_is_not_there_can_save_nothing()
    {
        Assert.Null(await _desk.Settings.LoadAsync(Guid.NewGuid(), Desk.Never));
        Assert.NotNull(await _desk.Settings.SaveSyncAsync(Guid.NewGuid(), on: true, ImportWindow.Last24Hours, Desk.Never));
        Assert.Null(await _desk.Settings.SaveSyncAsync(Guid.NewGuid(), on: false, ImportWindow.Last24Hours, Desk.Never));
        await _desk.Settings.SavePolicyAsync(Guid.NewGuid(), ConflictPolicyKind.SalesforceWins, Desk.Never);
        Assert.Equal(ConflictPolicyKind.NewestWins, (await Load()).Policy);
    }

    [Fact]
    public async Task The_other_cards_save_on_change()
    {
        await _desk.Settings.SavePolicyAsync(_desk.Rita, ConflictPolicyKind.TaskSyncWins, Desk.Never);
        await _desk.Settings.SaveShortcutsAsync(_desk.Rita, enabled: false, Desk.Never);
        Assert.Null(await _desk.Settings.SaveZoneAsync(_desk.Rita, " Europe/Berlin ", Desk.Never));
        var settings = await Load();
        Assert.Equal((ConflictPolicyKind.TaskSyncWins, false, "Europe/Berlin"), (settings.Policy, settings.ShortcutsEnabled, settings.ChosenZone));
        Assert.Equal("Europe/Berlin", settings.Time.Zone.Id);
        Assert.Equal(3, _desk.Published);

        Assert.NotNull(await _desk.Settings.SaveZoneAsync(_desk.Rita, "Europe/Atlantis", Desk.Never));
        Assert.Equal("Europe/Berlin", (await Load()).ChosenZone);
        Assert.Null(await _desk.Settings.SaveZoneAsync(_desk.Rita, " ", Desk.Never));
        Assert.Equal(ZoneSource.Utc, (await Load()).Time.Source);
    }

    [Fact]
    public async Task The_cards_show_the_connection_and_what_waits()
    {
        var connection = _desk.StartSync();
        _desk.Linked(connection, pending: true);
        _desk.Park(_desk.Linked(connection));
        _desk.Change(db => (db.Connections.Single().IsSandbox, db.People.Find(_desk.Rita)!.PausedAt, db.People.Find(_desk.Rita)!.PauseReason) = (true, _desk.Now, "Paused by Adam Admin: data load"));
        var settings = await Load();
        Assert.Equal((connection.Id, "Acme", true, ConnectionState.Active), settings.Connection is { } c ? (c.ConnectionId, c.OrganizationName, c.IsSandbox, c.State) : default);
        Assert.Equal((1, "Paused by Adam Admin: data load"), (settings.Sync.Waiting, settings.Sync.PausedReason));
    }

    [Theory]
    [InlineData(ConnectionState.Active, true, null)]
    [InlineData(ConnectionState.NeedsReconnect, true, null)]
    [InlineData(ConnectionState.Disconnected, false, "Connect Salesforce first.")]
    [InlineData(ConnectionState.Parked, false, "Connect Salesforce first.")]
    public async Task A_connection_that_is_over_is_not_shown(ConnectionState state, bool shown, string? reason)
    {
        _desk.Connect(_desk.Rita);
        _desk.Change(db => db.Connections.Single().State = state);
        Assert.Equal((shown, reason), (await Load()) is var settings ? (settings.Connection is not null, settings.Sync.CannotEnableReason) : default);
    }

    [Fact]
    public async Task The_field_table_says_what_is_hidden_or_read_only()
    {
        _desk.Connect(_desk.Rita, OrgSchema.Default with { Readable = TaskFields.All & ~TaskFields.Type, Updateable = TaskFields.All & ~TaskFields.RelatedTo });
        var fields = (await Load()).Fields;
        Assert.Equal(["Subject", "Due date", "Status", "Priority", "Details", "Type", "Reminder", "Person", "Related to", "Call result", "Completed at"], fields.Select(f => f.Name));
        Assert.Equal(FieldDirection.NotSynced, fields.Single(f => f.Field == TaskField.Type).Direction);
        Assert.Contains("hides this field", fields.Single(f => f.Field == TaskField.Type).Note, StringComparison.Ordinal);
        Assert.Equal(FieldDirection.ReadOnly, fields.Single(f => f.Field == TaskField.RelatedTo).Direction);
        Assert.Equal(FieldDirection.BothWays, fields.Single(f => f.Field == TaskField.Subject).Direction);
    }

    [Fact]
    public async Task The_field_table_says_where_a_field_is_synced_that_not_every_org_has()
    {
        var before = (await Load()).Fields.Single(f => f.Field == TaskField.CallResult);
        _desk.Connect(_desk.Rita, OrgSchema.Default with { Readable = TaskFields.All, Updateable = TaskFields.All });
        var after = (await Load()).Fields.Single(f => f.Field == TaskField.CallResult);

        Assert.Equal((FieldDirection.NotSynced, "Shown and synced only where Salesforce offers this field to you."), (before.Direction, before.Note));
        Assert.Equal((FieldDirection.BothWays, "CallDisposition", "Up to 255 characters."), (after.Direction, after.SalesforceName, after.Note));
    }

    private async Task<SettingsModel> Load() => (await _desk.Settings.LoadAsync(_desk.Rita, Desk.Never))!;
}
