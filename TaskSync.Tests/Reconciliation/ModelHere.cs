using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;

namespace TaskSync.Tests.Reconciliation;

/// <summary>One task on our side, with its counterpart and what waits to be sent. Carries actions out as the engine does, without a database.</summary>
internal sealed class ModelHere(Counterpart counterpart, OurTask task, List<string>? log)
{
    /// <summary>How often an undelete that met another task with its key is tried again.</summary>
    private const int MostClashes = 5;

    public Counterpart Counterpart { get; private set; } = counterpart;

    public OurTask Task { get; private set; } = task;

    /// <summary>The rep may bring the task back.</summary>
    public bool IsRestorable { get; private set; }

    public bool IsPending { get; private set; }

    public DateTimeOffset DueAt { get; private set; }

    /// <summary>The write waits for the rep.</summary>
    public bool IsParked { get; private set; }

    /// <summary>The rep is asked whether a create arrived.</summary>
    public bool IsAsked { get; private set; }

    public int Failures { get; private set; }

    /// <summary>Values that a person has replaced, or that the history names.</summary>
    public ulong Kept { get; set; }

    /// <summary>Values of Salesforce's that were taken into account here.</summary>
    public ulong Seen { get; private set; }

    /// <summary>The rep has brought the task back after its link was closed: it is here only.</summary>
    public bool IsHereOnly { get; private set; }

    /// <summary>The last deed there that was taken into account here.</summary>
    public string? SeenDeed { get; private set; }

    /// <summary>Rows that came in as tasks of their own.</summary>
    public List<string> Entered { get; } = [];

    /// <summary>The one bit that stands for a typed value; none for those that were there at the beginning.</summary>
    public static ulong BitOf(string? value) => value is null || value[0] != 'v' ? 0 : 1UL << int.Parse(value.AsSpan(1));

    public static ulong BitsOf(TaskValues values) => BitOf(values[TaskField.Subject]) | BitOf(values[TaskField.Priority]);

    public void Edit(TaskField field, string value, DateTimeOffset now)
    {
        Kept |= BitOf(Task.Values[field]);
        Task = Task with { Values = Task.Values.With(field, value), Edited = Task.Edited.Stamp(field.AsSet(), now), Revision = Task.Revision + 1 };
        Queue(now);
    }

    public void Remove(DateTimeOffset now)
    {
        Task = Task with { RemovedAt = now, Revision = Task.Revision + 1 };
        IsRestorable = true;
        Queue(now);
    }

    public void Restore(DateTimeOffset now)
    {
        Task = Task with { RemovedAt = null, Revision = Task.Revision + 1 };
        IsRestorable = false;
        IsHereOnly = Counterpart.State != LinkState.Open;
        if (Counterpart is { State: LinkState.Open, SalesforceId: not null, AgreedGone: false, Agreed: { } agreed, Attempts.Count: 0 }
            && Task.Values.DifferencesFrom(agreed) == TaskFields.None && !IsAsked)
        {
            (IsPending, IsParked) = (false, false);
            return;
        }

        Queue(now);
    }

    /// <summary>The change is to be sent; what an attempt without an answer waits for stands.</summary>
    public void Queue(DateTimeOffset now)
    {
        if (Counterpart.State != LinkState.Open)
        {
            return;
        }

        DueAt = IsPending && Counterpart.Attempts.Count > 0 && DueAt > now ? DueAt : now;
        IsPending = true;
        IsParked &= IsAsked;
    }

    /// <summary>The rep says "send it again"; of a create whose outcome nobody knows that it is not there.</summary>
    public void Retry(DateTimeOffset now)
    {
        Counterpart = IsAsked && Counterpart.SalesforceId is null ? Counterpart.BegunAnew() : Counterpart;
        (IsParked, IsAsked, Failures, DueAt) = (false, false, 0, now);
    }

    public void Ask(bool isAboutCreate) => (IsParked, IsAsked) = (true, isAboutCreate);

    public void Wait(DateTimeOffset until) => DueAt = IsPending ? until : DueAt;

    public void Settle(Counterpart after) => (Counterpart, IsPending) = (after, false);

    /// <summary>A request is remembered before it is sent.</summary>
    public void Send(WriteAttempt attempt, DateTimeOffset now)
    {
        DueAt = IsPending ? DueAt : now;
        IsPending = true;
        Counterpart = Counterpart.Sent(attempt);
    }

    /// <summary>Applies a reading.</summary>
    /// <returns>The ids that have to be read again.</returns>
    public IReadOnlyList<string> Apply(Reading reading, Judge judge)
    {
        IReadOnlyList<string> again = [];
        foreach (var row in reading.Rows.OrderBy(row => !row.IsDeleted))
        {
            if (IsOurs(row, reading, judge.Clocks))
            {
                again = Observe(row, reading, judge) is { } ids ? [.. again, .. ids] : again;
            }
            else if (reading.MayEnter(row) && Counterpart.State == LinkState.Open)
            {
                Entered.Add(row.Id);
            }
        }

        return again;
    }

    /// <summary>The answer to a request, which may come when the counterpart has moved on.</summary>
    public void Record(ModelRequest request, Answer answer, Clocks clocks)
    {
        if (answer is not Answer.Unknown && (Counterpart.SalesforceId != request.Id || !IsPending))
        {
            Counterpart = Counterpart.Without(request.Attempt);
        }
        else if (IsPending)
        {
            var (after, next) = Counterpart.Answered(request.Attempt, Meant(request, answer), Task, clocks, Failures);
            Counterpart = after;
            Follow(next, clocks.Now);
        }
    }

    private Answer Meant(ModelRequest request, Answer answer) => answer switch
    {
        Answer.NotRestorable when request.HasClashed && Failures < MostClashes => new Answer.Busy(),
        Answer.NotRestorable when request.IsInBin => new Answer.Refused(),
        _ => answer,
    };

    private void Follow(NextStep next, DateTimeOffset now)
    {
        switch (next)
        {
            case NextStep.Done:
                IsPending = false;
                break;
            case NextStep.Again:
                (Failures, DueAt) = (0, DueAt > now ? DueAt : now);
                break;
            case NextStep.Later:
                Failures++;
                DueAt = now + TimeSpan.FromSeconds(1);
                break;
            case NextStep.AsItStands:
                Failures++;
                break;
            case NextStep.Ask:
                Failures = 0;
                Ask(isAboutCreate: false);
                break;
        }
    }

    private bool IsOurs(RemoteTask row, Reading reading, Clocks clocks) =>
        row.Id == Counterpart.SalesforceId
        || (row.Key is not null && row.Key == Counterpart.Key && Counterpart.IsCreatedAs(row, reading))
        || Counterpart.MayHaveMade(row, reading, Task, clocks);

    private IReadOnlyList<string>? Observe(RemoteTask row, Reading reading, Judge judge)
    {
        var observation = Counterpart.Observe(row, reading, Task, judge, isOpenElsewhere: false);
        log?.Add($"  row {row.Id} {(row.IsDeleted ? "deleted" : "live")} {row.Values} of {row.OwnerId} as of {row.SystemModstamp:mm:ss}: {(observation is Observation.Taken told ? told.Action : observation.GetType().Name)}");
        switch (observation)
        {
            case Observation.Taken taken:
                Seen |= row.IsDeleted ? 0 : BitsOf(row.Values);
                SeenDeed = row.WhoName;
                Take(taken, row, reading, judge);
                return null;
            case Observation.Reassigned reassigned:
                Close(reassigned.After, row, judge.Clocks.Now);
                return null;
            case Observation.ReadAgain again:
                return again.Ids;
            default:
                return null;
        }
    }

    private void Take(Observation.Taken taken, RemoteTask row, Reading reading, Judge judge)
    {
        var now = judge.Clocks.Now;
        if (taken.IsAdopted && IsParked)
        {
            (IsParked, IsAsked, Failures, DueAt) = (false, false, 0, now + PushPlanner.LookAgain);
        }

        if (taken.IsShownAgain && Counterpart.State == LinkState.Reassigned)
        {
            Task = Task with { RemovedAt = Task.RemovedAt ?? now };
        }

        var unseen = Carry(taken, row, reading, judge);
        Counterpart = Counterpart.After(taken, row, row.Values.Only(reading.Schema.Readable), unseen, now);
        if (taken.Action is SyncAction.WriteBoth or SyncAction.WriteRemote or SyncAction.DeleteRemote or SyncAction.RestoreRemote)
        {
            DueAt = IsPending ? DueAt : now;
            IsPending = true;
        }
        else if (!Counterpart.IsInFlight(now))
        {
            (IsPending, IsParked, IsAsked) = (false, false, false);
        }
    }

    private Merge? Carry(Observation.Taken taken, RemoteTask row, Reading reading, Judge judge)
    {
        switch (taken.Action)
        {
            case SyncAction.WriteLocal write:
                TakeOver(write.Merge);
                break;
            case SyncAction.WriteBoth write:
                TakeOver(write.Merge);
                break;
            case SyncAction.WriteRemote write:
                Keep(write.Merge);
                break;
            case SyncAction.RestoreLocal:
                Kept |= BitsOf(Task.Values);
                Task = Task with { Values = Task.Values.Overlay(row.Values), RemovedAt = null, Revision = Task.Revision + 1 };
                break;
            case SyncAction.DeleteLocal:
                var before = Task.Values;
                var last = TakeUnseen(taken, row, reading, judge);
                Kept |= BitsOf(before.Only(last.Local.Known));
                Task = Task with { RemovedAt = judge.Clocks.Now, Revision = Task.Revision + 1 };
                IsRestorable = true;
                return last;
            case SyncAction.InStep or SyncAction.RestoreRemote or SyncAction.Forget when row.IsDeleted && Counterpart.Agreed is not null:
                var held = Task.Values;
                var merge = TakeUnseen(taken, row, reading, judge);
                Kept |= BitsOf(held.Only(merge.Local.Known));
                return merge;
            case SyncAction.DeleteRemote delete:
                Kept |= delete.LosesEdit ? BitsOf(row.Values) | BitsOf(taken.Agreed) : 0;
                return TakeUnseen(taken, row, reading, judge);
        }

        return null;
    }

    private void TakeOver(Merge merge)
    {
        Keep(merge);
        Kept |= BitsOf(Task.Values.Only(merge.Local.Known));
        Task = Task with { Values = Task.Values.Overlay(merge.Local), Revision = Task.Revision + 1 };
    }

    private Merge TakeUnseen(Observation.Taken taken, RemoteTask row, Reading reading, Judge judge)
    {
        var counterpart = taken.After with { Agreed = taken.Agreed };
        var here = new SideState.Live(counterpart.ComparableOf(Task, reading.Schema), Task.Edited);
        var merge = ThreeWayMerge.Merge(taken.Agreed, here, reading.ValuesOf(row), judge.Policy);
        Keep(merge);
        Task = merge.Local.Known == TaskFields.None ? Task : Task with { Values = Task.Values.Overlay(merge.Local), Revision = Task.Revision + 1 };
        return merge;
    }

    /// <summary>Both values of a conflict go to the history.</summary>
    private void Keep(Merge merge)
    {
        foreach (var conflict in merge.Conflicts)
        {
            Kept |= BitOf(conflict.Ours) | BitOf(conflict.Theirs);
        }
    }

    /// <summary>Somebody else owns the task now: what was not sent goes to the history.</summary>
    private void Close(Counterpart after, RemoteTask row, DateTimeOffset now)
    {
        Kept |= BitsOf(Task.Values.Only(Task.Values.DifferencesFrom(after.Agreed ?? TaskValues.Unknown)));
        Counterpart = after with { State = LinkState.Reassigned, Attempts = [], NewestSeen = row.SystemModstamp };
        (IsPending, IsParked, IsAsked) = (false, false, false);
        if (Task.RemovedAt is null)
        {
            Task = Task with { RemovedAt = now, Revision = Task.Revision + 1 };
            IsRestorable = false;
        }
    }
}
