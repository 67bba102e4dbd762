using TaskSync.Sync.Connections;
using TaskSync.Sync.Engine.SwitchOn.Preview;
using TaskSync.Sync.Model;
using TaskSync.Sync.Privacy;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Access;

/// <summary>Who may call an operation.</summary>
public enum Rule
{
    /// <summary>It names something by its id: its owner alone gets at it, an admin no more than others.</summary>
    Owner,

    /// <summary>It names nothing: it is about whoever calls it.</summary>
    Self,

    /// <summary>Admins alone, whatever it is about.</summary>
    Admins,
}

/// <summary>One operation, as a page calls it.</summary>
/// <param name="Rule">Who may.</param>
/// <param name="Writes">Whether it may change anything.</param>
/// <param name="CallAsync">Calls it and gives back what it answered; null for nothing.</param>
/// <param name="NamesSomething">Whether it is told an id.</param>
public sealed record AccessRow(Rule Rule, bool Writes, Func<Asker, Belongings, Task<object?>> CallAsync, bool NamesSomething);

/// <summary>
/// The rules of access: a row for each public operation of the engine's services that pages and endpoints get at. The name is "Class.Method",
/// with ": words" behind it where one operation has several rows. A new operation gets its row here.
/// </summary>
public static class AccessRows
{
    private static readonly CancellationToken Never = CancellationToken.None;

    /// <summary>Operations that ask nobody, and why none has to be asked.</summary>
    public static IReadOnlyDictionary<string, string> Open { get; } = new Dictionary<string, string>
    {
        ["ChangeFeed.Publish"] = "tells pages to read again; what they read asks",
        ["ChangeFeed.Subscribe"] = "tells that something changed, never what",
        ["ChangeFeed.SubscribeAll"] = "tells that something changed, never what or whose",
        ["SyncDoorbell.Ring"] = "has the engine look at once; it does what it would do later",
        ["Presence.Enter"] = "counts open pages, with the id of the sign-in",
        ["Presence.IsHere"] = "tells the engine how often to read",
        ["SearchLimit.Refuse"] = "counts, and tells nothing of anybody",
        ["SearchLimit.Dispose"] = "is the host's",
        ["PeopleService.EnsureAsync"] = "is the sign-in: called with what the identity provider says, before there is a person",
        ["SignIns.BeginAsync"] = "is the sign-in: called with what the identity provider says",
        ["SignIns.EndedAsync"] = "is the question itself whether a sign-in counts",
        ["SignIns.UseAsync"] = "is told the id out of the cookie by the check of the cookie",
        ["SalesforceOAuth.AuthorizeUri"] = "makes an address",
        ["SalesforceOAuth.RedeemAsync"] = "takes a code that only the browser that began has",
        ["SalesforceOAuth.RefreshAsync"] = "takes the secret token itself",
        ["SalesforceOAuth.AssertAsync"] = "takes the secret key itself",
        ["SalesforceOAuth.RevokeAsync"] = "takes the secret token itself",
        ["SalesforceOAuth.IdentifyAsync"] = "takes the secret token itself",
        ["EndToEndTest.CleanUpAllAsync"] = "removes what tests left behind, as the app does by itself",
    };

    /// <summary>All others.</summary>
    public static IReadOnlyDictionary<string, AccessRow> All { get; } = Tasks().Concat(Pages()).Concat(Accounts()).Concat(Admin()).ToDictionary();

    private static Dictionary<string, AccessRow> Tasks() => new()
    {
        ["TaskService.CreateAsync"] = Self(true, async me => await me.Get<TaskService>().CreateAsync(me.Id, new TaskDraft { Subject = "New" }, Never)),
        ["TaskService.EditAsync"] = Owner(true, async (me, ids) => await me.Get<TaskService>().EditAsync(me.Id, ids.Open, new TaskDraft { Subject = "a" }, new TaskDraft { Subject = "b" }, Never)),
        ["TaskService.EditAsync: without changes"] = Owner(true, async (me, ids) => await me.Get<TaskService>().EditAsync(me.Id, ids.Open, new TaskDraft { Subject = "a" }, new TaskDraft { Subject = "a" }, Never)),
        ["TaskService.EditAsync: with errors"] = Owner(true, async (me, ids) => await me.Get<TaskService>().EditAsync(me.Id, ids.Open, new TaskDraft { Subject = "a" }, new TaskDraft(), Never)),
        ["TaskService.EditAsync: a removed one"] = Owner(true, async (me, ids) => await me.Get<TaskService>().EditAsync(me.Id, ids.Removed, new TaskDraft { Subject = "a" }, new TaskDraft { Subject = "b" }, Never)),
        ["TaskService.CompleteAsync"] = Owner(true, async (me, ids) => await me.Get<TaskService>().CompleteAsync(me.Id, [ids.Open], Never)),
        ["TaskService.ReopenAsync"] = Owner(true, async (me, ids) => await me.Get<TaskService>().ReopenAsync(me.Id, [ids.Done], Never)),
        ["TaskService.DeleteAsync"] = Owner(true, async (me, ids) => await me.Get<TaskService>().DeleteAsync(me.Id, [ids.Open], Never)),
        ["TaskService.RestoreAsync"] = Owner(true, async (me, ids) => await me.Get<TaskService>().RestoreAsync(me.Id, [ids.Removed], Never)),
        ["TaskService.RescheduleAsync"] = Owner(true, async (me, ids) => await me.Get<TaskService>().RescheduleAsync(me.Id, [ids.Open], new DateOnly(2027, 1, 1), Never)),
        ["TaskService.ReleaseAsync"] = Owner(true, async (me, ids) => await Done(me.Get<TaskService>().ReleaseAsync(me.Id, [ids.Done]))),
        ["TaskService.UndoAsync: a completion"] = Owner(true, async (me, ids) => await me.Get<TaskService>().UndoAsync(me.Id, new UndoToken(UndoKind.Completed, [new UndoStep(ids.Done, Status("Not Started"), Status("Completed"), null)]), Never)),
        ["TaskService.UndoAsync: a deletion"] = Owner(true, async (me, ids) => await me.Get<TaskService>().UndoAsync(me.Id, new UndoToken(UndoKind.Deleted, [new UndoStep(ids.Removed, TaskValues.Unknown, TaskValues.Unknown, null)]), Never)),
        ["TaskService.SendToSalesforceAsync"] = Owner(true, async (me, ids) => await me.Get<TaskService>().SendToSalesforceAsync(me.Id, ids.Local, Never)),
        ["TaskService.LinkAsync"] = Owner(true, async (me, ids) => await me.Get<TaskService>().LinkAsync(me.Id, ids.Local, "00T000000000009AAA", Never)),
        ["TaskService.RestoreHeldAsync"] = Owner(true, async (me, ids) => await me.Get<TaskService>().RestoreHeldAsync(me.Id, ids.Problem, Never)),
        ["TaskService.TakeOtherValueAsync"] = Owner(true, async (me, ids) => await me.Get<TaskService>().TakeOtherValueAsync(me.Id, ids.Conflict, Never)),
        ["TaskService.KeepValueAsync"] = Owner(true, async (me, ids) => await me.Get<TaskService>().KeepValueAsync(me.Id, ids.Conflict, Never)),
        ["TaskService.RestoreVersionAsync"] = Owner(true, async (me, ids) => await me.Get<TaskService>().RestoreVersionAsync(me.Id, ids.Open, ids.History, Never)),
        ["TaskDetailsQuery.LoadAsync"] = Owner(false, async (me, ids) => await me.Get<TaskDetailsQuery>().LoadAsync(me.Id, ids.Open, Never)),
        ["TaskDetailsQuery.LoadAsync: a removed one"] = Owner(false, async (me, ids) => await me.Get<TaskDetailsQuery>().LoadAsync(me.Id, ids.Removed, Never)),
        ["TaskDetailsQuery.FormAsync"] = Self(false, async me => await me.Get<TaskDetailsQuery>().FormAsync(me.Id, Never)),
        ["CommandCenterQuery.LoadAsync"] = Self(false, async me => await me.Get<CommandCenterQuery>().LoadAsync(me.Id, TaskView.All, null, Never)),
        ["CommandCenterQuery.LoadAsync: a search"] = Self(false, async me => await me.Get<CommandCenterQuery>().LoadAsync(me.Id, TaskView.All, "secret", Never)),
        ["CommandCenterQuery.RowsAsync"] = Owner(false, async (me, ids) => await me.Get<CommandCenterQuery>().RowsAsync(me.Id, [ids.Open], Never)),
        ["RecordPicker.SearchAsync"] = Self(false, async me => await me.Get<RecordPicker>().SearchAsync(me.Id, RecordKind.Person, "ana", Never)),
        ["DemoTasks.SeedAsync"] = Self(true, async me => await Done(me.Get<DemoTasks>().SeedAsync(me.Id, Never))),
    };

    private static Dictionary<string, AccessRow> Pages() => new()
    {
        ["MySyncQuery.LoadAsync"] = Self(false, async me => await me.Get<MySyncQuery>().LoadAsync(me.Id, Never)),
        ["MySyncQuery.RetryAsync"] = Owner(true, async (me, ids) => await me.Get<MySyncQuery>().RetryAsync(me.Id, ids.Problem, Never)),
        ["MySyncQuery.IgnoreAsync"] = Owner(true, async (me, ids) => await me.Get<MySyncQuery>().IgnoreAsync(me.Id, ids.Problem, Never)),
        ["MySyncQuery.SyncNowAsync"] = Self(true, async me => await me.Get<MySyncQuery>().SyncNowAsync(me.Id, Never)),
        ["SyncPillQuery.LoadAsync"] = Self(false, async me => await me.Get<SyncPillQuery>().LoadAsync(me.Id, Never)),
        ["RepClock.NowAsync"] = Self(false, async me => (await me.Get<RepClock>().NowAsync(me.Id, Never)).Today),
        ["SettingsService.LoadAsync"] = Self(false, async me => await me.Get<SettingsService>().LoadAsync(me.Id, Never)),
        ["SettingsService.SaveSyncAsync: on"] = Self(true, async me => await me.Get<SettingsService>().SaveSyncAsync(me.Id, true, ImportWindow.AllOpen, Never)),
        ["SettingsService.SaveSyncAsync: off"] = Self(true, async me => await me.Get<SettingsService>().SaveSyncAsync(me.Id, false, ImportWindow.AllOpen, Never)),
        ["SettingsService.SavePolicyAsync"] = Self(true, async me => await Done(me.Get<SettingsService>().SavePolicyAsync(me.Id, ConflictPolicyKind.TaskSyncWins, Never))),
        ["SettingsService.SaveZoneAsync"] = Self(true, async me => await me.Get<SettingsService>().SaveZoneAsync(me.Id, "Asia/Tokyo", Never)),
        ["SettingsService.SaveShortcutsAsync"] = Self(true, async me => await Done(me.Get<SettingsService>().SaveShortcutsAsync(me.Id, false, Never))),
        ["SyncPreview.LookAsync"] = Self(false, async me => await me.Get<SyncPreview>().LookAsync(me.Id, ImportWindow.AllOpen, Never)),
        ["ConnectionService.ConnectAsync"] = Self(true, async me => await me.Get<ConnectionService>().ConnectAsync(me.Id, me.Grant(), Never)),
        ["ConnectionService.DisconnectAsync"] = Self(true, async me => await Done(me.Get<ConnectionService>().DisconnectAsync(me.Id, Never))),
    };

    private static Dictionary<string, AccessRow> Accounts() => new()
    {
        ["PeopleService.SetBrowserZoneAsync"] = Self(true, async me => await Done(me.Get<PeopleService>().SetBrowserZoneAsync(me.Id, "Asia/Tokyo", Never))),
        ["SignIns.ListAsync"] = Self(false, async me => await me.Get<SignIns>().ListAsync(me.Id, Never)),
        ["SignIns.EndAsync"] = Owner(true, async (me, ids) => await Done(me.Get<SignIns>().EndAsync(me.Id, ids.SignIn, SignInEnd.SignedOutElsewhere, Never))),
        ["SignIns.EndAllAsync"] = Self(true, async me => await Done(me.Get<SignIns>().EndAllAsync(me.Id, null, SignInEnd.SignedOutElsewhere, Never))),
        ["AccountActions.RemoveAsync"] = Admins(true, async (me, ids) => await me.Get<AccountActions>().RemoveAsync(me.Actor, ids.Person, Never)),
        ["AccountActions.LetInAsync"] = Admins(true, async (me, ids) => await me.Get<AccountActions>().LetInAsync(me.Actor, ids.Person, Never)),
        ["AccountActions.SignOutAsync"] = Admins(true, async (me, ids) => await Done(me.Get<AccountActions>().SignOutAsync(me.Actor, ids.Person, Never))),
    };

    private static Dictionary<string, AccessRow> Admin() => new()
    {
        ["AdminActions.PauseAllAsync"] = Admins(true, async me => await Done(me.Get<AdminActions>().PauseAllAsync(me.Actor, "load", Never))),
        ["AdminActions.ResumeAllAsync"] = Admins(true, async me => await Done(me.Get<AdminActions>().ResumeAllAsync(me.Actor, Never))),
        ["AdminActions.PauseAsync"] = Admins(true, async (me, ids) => await me.Get<AdminActions>().PauseAsync(me.Actor, ids.Person, "load", Never)),
        ["AdminActions.ResumeAsync"] = Admins(true, async (me, ids) => await me.Get<AdminActions>().ResumeAsync(me.Actor, ids.Person, Never)),
        ["AdminActions.SyncNowAsync"] = Admins(true, async (me, ids) => await me.Get<AdminActions>().SyncNowAsync(me.Actor, ids.Person, Never)),
        ["AdminActions.AuditNowAsync"] = Admins(true, async me => await me.Get<AdminActions>().AuditNowAsync(me.Actor, Never)),
        ["AdminActions.RetryAllAsync"] = Admins(true, async me => await me.Get<AdminActions>().RetryAllAsync(me.Actor, null, Never)),
        ["SyncStatusQuery.OverviewAsync"] = Admins(false, async me => await me.Get<SyncStatusQuery>().OverviewAsync(me.Actor, Never)),
        ["SyncStatusQuery.ProblemsAsync"] = Admins(false, async me => await me.Get<SyncStatusQuery>().ProblemsAsync(me.Actor, Never)),
        ["SyncStatusQuery.AuditsAsync"] = Admins(false, async me => await me.Get<SyncStatusQuery>().AuditsAsync(me.Actor, Never)),
        ["SyncStatusQuery.RunsAsync"] = Admins(false, async me => await me.Get<SyncStatusQuery>().RunsAsync(me.Actor, new RunFilter(), 0, 50, Never)),
        ["SyncStatusQuery.RunAsync"] = Admins(false, async (me, ids) => await me.Get<SyncStatusQuery>().RunAsync(me.Actor, ids.Run, Never)),
        ["SyncStatusQuery.WriteRunsCsvAsync"] = Admins(false, async me =>
        {
            using var file = new StringWriter();
            await me.Get<SyncStatusQuery>().WriteRunsCsvAsync(me.Actor, new RunFilter(), file, Never);
            return file.ToString();
        }),
        ["SyncStatusQuery.PeopleAsync"] = Admins(false, async me => await me.Get<SyncStatusQuery>().PeopleAsync(me.Actor, null, 0, 50, Never)),
        ["PersonalData.FindAsync"] = Admins(false, async me => await me.Get<PersonalData>().FindAsync(me.Actor, "nobody", Never)),
        ["PersonalData.LookAsync"] = Admins(false, async (me, ids) => await me.Get<PersonalData>().LookAsync(me.Actor, ids.Person, Never)),
        ["PersonalData.ExportAsync"] = Admins(false, async (me, ids) =>
        {
            using var file = new MemoryStream();
            return await me.Get<PersonalData>().ExportAsync(me.Actor, ids.Person, file, Never);
        }),
        ["PersonalData.EraseAsync"] = Admins(true, async (me, ids) => await me.Get<PersonalData>().EraseAsync(me.Actor, ids.Person, Never)),
        ["OrganizationsQuery.AllAsync"] = Admins(false, async me => await me.Get<OrganizationsQuery>().AllAsync(me.Actor, Never)),
        ["OrganizationsQuery.ReadingAsync"] = Admins(false, async me => await me.Get<OrganizationsQuery>().ReadingAsync(me.Actor, Never)),
        ["OrganizationsQuery.Package"] = Admins(false, me => Task.FromResult<object?>(me.Get<OrganizationsQuery>().Package(me.Actor))),
        ["ReaderService.ConnectAsync: in the browser"] = Admins(true, async me => await me.Get<ReaderService>().ConnectAsync(me.Actor, me.Grant(), Never)),
        ["ReaderService.ConnectAsync: with a certificate"] = Admins(true, async me => await me.Get<ReaderService>().ConnectAsync(me.Actor, "reader@acme.example", "no key", Never)),
        ["ReaderService.ExamineAsync"] = Admins(true, async (me, ids) => await Done(me.Get<ReaderService>().ExamineAsync(me.Actor, ids.Reader, Never))),
        ["ReaderService.RemoveAsync"] = Admins(true, async (me, ids) => await Done(me.Get<ReaderService>().RemoveAsync(me.Actor, ids.Reader, Never))),
        ["ConnectNotes.UseStateAsync"] = Self(true, async me => await me.Get<ConnectNotes>().UseStateAsync(me.Actor.Id, Guid.NewGuid().ToString(), Never)),
        ["ConnectNotes.KeepAsync"] = Self(true, async me => await me.Get<ConnectNotes>().KeepAsync(me.Actor.Id, new("words", null), Never)),
        ["ConnectNotes.FindAsync"] = Self(false, async me => await me.Get<ConnectNotes>().FindAsync(me.Actor.Id, "none", Never)),
        ["EndToEndTest.AllowAsync"] = Admins(true, async (me, ids) => await Done(me.Get<EndToEndTest>().AllowAsync(me.Actor, ids.Organization, true, Never))),
        ["EndToEndTest.RunAsync"] = Admins(true, async (me, ids) => await me.Get<EndToEndTest>().RunAsync(me.Actor, ids.Organization, Never)),
    };

    private static AccessRow Owner(bool writes, Func<Asker, Belongings, Task<object?>> call) => new(Rule.Owner, writes, call, NamesSomething: true);

    private static AccessRow Self(bool writes, Func<Asker, Task<object?>> call) => new(Rule.Self, writes, (me, _) => call(me), NamesSomething: false);

    private static AccessRow Admins(bool writes, Func<Asker, Task<object?>> call) => new(Rule.Admins, writes, (me, _) => call(me), NamesSomething: false);

    private static AccessRow Admins(bool writes, Func<Asker, Belongings, Task<object?>> call) => new(Rule.Admins, writes, call, NamesSomething: true);

    private static TaskValues Status(string status) => TaskValues.Unknown.With(TaskField.Status, status);

    private static async Task<object?> Done(Task work)
    {
        await work;
        return null;
    }
}
