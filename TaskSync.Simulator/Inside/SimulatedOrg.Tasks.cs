using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator.Inside;

public sealed partial class SimulatedOrg
{
    private static readonly TimeSpan ArchiveAge = TimeSpan.FromDays(365);

    /// <summary>Creates a task at Salesforce's own screen.</summary>
    /// <param name="ownerUserId">User or queue that owns it.</param>
    /// <param name="values">Field values; what is missing gets Salesforce's defaults.</param>
    /// <param name="audit">Stamps to give it instead of the present.</param>
    /// <param name="asUser">Who creates it; null is the owner.</param>
    public SimulatedTask CreateTask(string ownerUserId, FieldValues? values = null, AuditStamps? audit = null, string? asUser = null) =>
        Write(transaction => CreateIn(transaction, ownerUserId, values, audit, asUser));

    /// <summary>Changes fields of a task; those not named stay.</summary>
    /// <param name="id">The task.</param>
    /// <param name="values">New values.</param>
    /// <param name="asUser">Who changes it; null is the owner.</param>
    /// <param name="audit">Stamps to give it instead of the present.</param>
    public SimulatedTask UpdateTask(string id, FieldValues values, string? asUser = null, AuditStamps? audit = null) =>
        Write(transaction => UpdateIn(transaction, id, values, asUser, audit));

    /// <summary>Gives a task to another user or to a queue.</summary>
    public SimulatedTask Reassign(string id, string newOwnerId, string? asUser = null) => UpdateTask(id, new FieldValues { ["OwnerId"] = Row(newOwnerId).Id }, asUser);

    /// <summary>Closes a task with the org's closed status: Completed if there is one, else the first.</summary>
    public SimulatedTask CompleteTask(string id, string? asUser = null) => UpdateTask(id, new FieldValues { ["Status"] = ClosedStatus() }, asUser);

    /// <summary>Puts a task into the recycle bin.</summary>
    public void DeleteTask(string id, string? asUser = null) => DeleteRecord(id, asUser);

    /// <summary>Takes a task out of the recycle bin.</summary>
    public SimulatedTask UndeleteTask(string id, string? asUser = null) => Write(transaction =>
        new SimulatedTask(_core.Records.Undelete(transaction, As(asUser, Row(id)), Row(id))));

    /// <summary>Removes deleted records for good: one, or all when null. Their ids stay in the delete log. Returns how many.</summary>
    public int PurgeRecycleBin(string? id = null) => Locked(() =>
    {
        var gone = id is not null ? [Row(id)] : _core.Store.Schema.All.SelectMany(type => _core.Store[type].Rows).Where(row => row.IsDeleted).ToList();
        foreach (var row in gone)
            _core.Store.Purge(row.IsDeleted ? row : throw new InvalidOperationException($"{row.Id} is not in the recycle bin."));
        return gone.Count;
    });

    /// <summary>Forgets the log of deletions: getDeleted refuses to start before this moment from now on.</summary>
    public void PurgeDeleteLog() => Locked(_core.Store.PurgeDeleteLog);

    /// <summary>Marks a task as archived the way the nightly archiver does: SystemModstamp moves, LastModifiedDate does not.</summary>
    public SimulatedTask Archive(string id) => Write(transaction =>
        new SimulatedTask(_core.Records.ChangeBySystem(transaction, Row(id), _core.Store.Schema.Task.IsArchived, true)));

    /// <summary>Archives every closed task that is due (or, without a due date, was created) a year ago or more. Returns how many.</summary>
    public int RunArchiver() => Write(transaction =>
    {
        var type = _core.Store.Schema.Task;
        var before = Now - ArchiveAge;
        var old = _core.Store.Tasks.Rows.Where(t => !t.IsDeleted && t.Is(type.IsClosed) && !t.Is(type.IsArchived)
            && (t[type.ActivityDate] is DateOnly due ? due <= DateOnly.FromDateTime(before.UtcDateTime) : (DateTimeOffset)t[type.CreatedDate]! <= before)).ToList();
        foreach (var task in old)
            _core.Records.ChangeBySystem(transaction, task, type.IsArchived, true);
        return old.Count;
    });

    /// <summary>A system job touches a task without changing it: only SystemModstamp moves.</summary>
    public SimulatedTask TouchBySystem(string id) => Write(transaction =>
        new SimulatedTask(_core.Records.ChangeBySystem(transaction, Row(id), _core.Store.Schema.Task.Subject, Row(id)[_core.Store.Schema.Task.Subject])));

    /// <summary>The task, deleted ones included; null when it never existed or was purged.</summary>
    public SimulatedTask? FindTask(string id) => Locked(() =>
        SalesforceId.TryNormalize(id, out var full) && _core.Store.Tasks.Find(full) is { } row ? new SimulatedTask(row) : null);

    /// <summary>Tasks in the order of their creation.</summary>
    /// <param name="ownerId">Only this owner's; null is everybody's.</param>
    /// <param name="includeDeleted">Also those in the recycle bin.</param>
    public IReadOnlyList<SimulatedTask> Tasks(string? ownerId = null, bool includeDeleted = false) => Locked(() =>
        (ownerId is null ? _core.Store.Tasks.Rows : _core.Store.Tasks.OwnedBy(Row(ownerId).Id))
        .Where(row => includeDeleted || !row.IsDeleted).OrderBy(row => row.Number).Select(row => new SimulatedTask(row)).ToList());

    /// <summary>Creates a record of any writable type.</summary>
    /// <param name="type">Like <c>Contact</c>.</param>
    /// <param name="values">Field values.</param>
    /// <param name="asUser">Who creates it; null is an administrator.</param>
    /// <returns>Its id.</returns>
    public string CreateRecord(string type, FieldValues values, string? asUser = null) => Write(transaction =>
    {
        var found = _core.Store.Schema.Find(type) ?? throw new ArgumentException($"There is no type {type}.", nameof(type));
        return _core.Records.Create(transaction, As(asUser), found, Values(found, values)).Id;
    });

    /// <summary>Changes a record of any type, even fields the API cannot write (a lead becomes converted, say).</summary>
    public void UpdateRecord(string id, FieldValues values, string? asUser = null) => Write(transaction =>
        _core.Records.Update(transaction, As(asUser), Row(id), Values(Row(id).Type, values)).Id);

    /// <summary>Puts a record into the recycle bin, with its tasks when it is a parent of some.</summary>
    public void DeleteRecord(string id, string? asUser = null) => Write(transaction => DeleteIn(transaction, id, asUser));

    /// <summary>Takes a record out of the recycle bin, with what was deleted along with it.</summary>
    public void UndeleteRecord(string id, string? asUser = null) => Write(transaction => _core.Records.Undelete(transaction, As(asUser), Row(id)).Id);

    /// <summary>Begins a long transaction: what is done in it is seen only when it commits.</summary>
    public OpenTransaction BeginTransaction() => Locked(() => new OpenTransaction(this, new HeldTransaction(_core.Store)));

    internal T WriteIn<T>(HeldTransaction held, Func<OrgTransaction, T> work) => Refusing(() => held.Work(work));

    internal SimulatedTask CreateIn(OrgTransaction transaction, string ownerId, FieldValues? values, AuditStamps? audit, string? asUser)
    {
        var all = new FieldValues(values ?? []) { ["OwnerId"] = Row(ownerId).Id };
        var viewer = As(asUser ?? (Row(ownerId).Type == _core.Store.Schema.User ? ownerId : null));
        return new SimulatedTask(_core.Records.Create(transaction, viewer, _core.Store.Schema.Task, Values(_core.Store.Schema.Task, all), audit));
    }

    internal SimulatedTask UpdateIn(OrgTransaction transaction, string id, FieldValues values, string? asUser, AuditStamps? audit) =>
        new(_core.Records.Update(transaction, As(asUser, Row(id)), Row(id), Values(_core.Store.Schema.Task, values), audit));

    internal bool DeleteIn(OrgTransaction transaction, string id, string? asUser)
    {
        _core.Records.Delete(transaction, As(asUser, Row(id)), Row(id));
        return true;
    }

    private string ClosedStatus() => Locked(() =>
    {
        var closed = _core.Store[_core.Store.Schema.TaskStatus].Rows.Where(s => s.Is("IsClosed")).OrderBy(s => (int)s[s.Type["SortOrder"]]!).Select(s => s.Text("ApiName")!).ToList();
        return closed.Find(name => name == "Completed") ?? closed.FirstOrDefault() ?? throw new InvalidOperationException("The org has no closed status.");
    });
}
