using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>What the settings page shows.</summary>
/// <param name="Name">The person's name.</param>
/// <param name="Email">The person's address, if known.</param>
/// <param name="Connection">The Salesforce connection in use, null when none.</param>
/// <param name="Sync">The card with the checkbox.</param>
/// <param name="Policy">Who wins when one field was changed on both sides.</param>
/// <param name="Time">Today and the zone in use, and where the zone comes from.</param>
/// <param name="ChosenZone">The zone chosen on this page, null for automatic.</param>
/// <param name="ShortcutsEnabled">Single-letter keys of the Command Center.</param>
/// <param name="Fields">What is synced, one row per field.</param>
public sealed record SettingsModel(
    string Name,
    string? Email,
    ConnectionCard? Connection,
    SyncCard Sync,
    ConflictPolicyKind Policy,
    RepTime Time,
    string? ChosenZone,
    bool ShortcutsEnabled,
    IReadOnlyList<FieldRow> Fields);

/// <summary>The Salesforce connection in use.</summary>
/// <param name="ConnectionId">Its id.</param>
/// <param name="DisplayName">The Salesforce user's name.</param>
/// <param name="Username">The Salesforce login name.</param>
/// <param name="OrganizationName">The org.</param>
/// <param name="OrganizationId">18 characters.</param>
/// <param name="IsSandbox">For the badge.</param>
/// <param name="State">Active, or what is wrong.</param>
/// <param name="StateReason">What to do, in words, when it is not active.</param>
/// <param name="ConnectedAt">UTC.</param>
/// <param name="InstanceUrl">Where the org lives.</param>
public sealed record ConnectionCard(
    Guid ConnectionId, string DisplayName, string Username, string OrganizationName, string OrganizationId, bool IsSandbox,
    ConnectionState State, string? StateReason, DateTimeOffset ConnectedAt, string InstanceUrl);

/// <summary>The card with the checkbox "Sync my tasks with Salesforce".</summary>
/// <param name="Enabled">As saved.</param>
/// <param name="Window">How far back the first sync reaches.</param>
/// <param name="CannotEnableReason">Why the box cannot be ticked now, null when it can.</param>
/// <param name="HasSyncedBefore">Whether the next switch-on is a catch-up (F6) and not a first sync.</param>
/// <param name="Progress">The first sync or catch-up that is running, was interrupted or is done; null before the first.</param>
/// <param name="LastSuccessAt">As of when both sides were in step (UTC).</param>
/// <param name="Waiting">Changes that wait to be sent.</param>
/// <param name="PausedReason">"Paused by Adam Admin: data load", null when not paused.</param>
public sealed record SyncCard(
    bool Enabled, ImportWindow Window, string? CannotEnableReason, bool HasSyncedBefore, InitialProgress? Progress,
    DateTimeOffset? LastSuccessAt, int Waiting, string? PausedReason);

/// <summary>How far a first sync or catch-up is (F2).</summary>
/// <param name="Kind">Which of the two.</param>
/// <param name="State">Running, interrupted or done.</param>
/// <param name="Found">How many tasks were found, null until counted.</param>
/// <param name="Done">How many of them are in.</param>
/// <param name="Message">What is being done right now, in words; null when it is not running.</param>
public sealed record InitialProgress(InitialSyncKind Kind, InitialSyncState State, int? Found, int Done, string? Message)
{
    /// <summary>0–100, null until the tasks are counted.</summary>
    public int? Percent => Found switch { null => null, 0 => 100, { } found => Math.Clamp(100 * Done / found, 0, 100) };
}

/// <summary>One row of "What is synced".</summary>
/// <param name="Field">The field, null for "Completed at", which is only read.</param>
/// <param name="Name">The field's name here.</param>
/// <param name="SalesforceName">The field's name in Salesforce.</param>
/// <param name="Direction">What happens with it for this person.</param>
/// <param name="Note">The rule in words; says so when Salesforce hides the field from this person.</param>
public sealed record FieldRow(TaskField? Field, string Name, string SalesforceName, FieldDirection Direction, string Note);

public enum FieldDirection
{
    BothWays,
    ReadOnly,
    NotSynced,
}
