using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>What a row tells about a counterpart.</summary>
public sealed partial record Counterpart
{
    /// <summary>What a row tells: nothing new, read it again, not ours, or something to act on, with the base it means.</summary>
    /// <param name="row">A row of the reading.</param>
    /// <param name="reading">The read that showed it.</param>
    /// <param name="ours">The task here.</param>
    /// <param name="judge">The clocks and the rep's policy.</param>
    /// <param name="isOpenElsewhere">Another open link claims the row.</param>
    public Observation Observe(RemoteTask row, Reading reading, OurTask ours, Judge judge, bool isOpenElsewhere)
    {
        // We wrote it after this read had begun, or are writing it now, and that call reads it first: which is the newer only another read can tell, once there is an answer.
        var isWritten = SalesforceId == row.Id && reading.BeganAt is not null && IsInFlight(judge.Clocks.Now);
        if (isWritten || ((SalesforceId is null || SalesforceId == row.Id) && IsPast(reading)))
        {
            return new Observation.ReadAgain([row.Id]);
        }

        if (SalesforceId is null)
        {
            var weighed = Adopt(row, reading, judge.Clocks, ours)?.Weigh(row, reading, ours, judge, isOpenElsewhere) ?? new Observation.NotOurs();
            return weighed is Observation.Taken taken ? taken with { IsAdopted = true, IsForgotten = !HasCreate } : weighed;
        }

        if (SalesforceId != row.Id)
        {
            return !reading.IsPresent ? new Observation.ReadAgain([SalesforceId, row.Id])
                : AgreedGone ? AdoptLate(row, reading).Weigh(row, reading, ours, judge, isOpenElsewhere)
                : new Observation.Old();
        }

        return Staleness(row, reading) ?? Weigh(row, reading, ours, judge, isOpenElsewhere);
    }

    /// <summary>
    /// A row without this counterpart's id is its create all the same. It bears the key of a create without an answer, or of one that hung and landed after its
    /// repetition was deleted, which freed the unique key (S5). <c>CallObject</c> can be copied by a clone, and nothing is repeated early there.
    /// </summary>
    /// <param name="row">Bears this counterpart's key.</param>
    /// <param name="reading">The read that showed it.</param>
    public bool IsCreatedAs(RemoteTask row, Reading reading) => SalesforceId is null
        || (reading.Schema.Key == KeyPlace.KeyField && State == LinkState.Open && reading.IsOfOurUser(row)
            && (AgreedGone || !reading.IsPresent || (reading is { Kind: ReadKind.Changes or ReadKind.Present, IsCatchUp: false } && !reading.Rows.Any(r => r.Id == SalesforceId && !r.IsDeleted))));

    /// <summary>
    /// A create that no key can be looked up for is known by what is in it: our user made the row while the create could arrive, with every value that was sent.
    /// </summary>
    public bool MayHaveMade(RemoteTask row, Reading reading, OurTask ours, Clocks clocks) =>
        SalesforceId is null && reading.IsUnkeyed(row)
        && (ours.RemovedAt is not { } removedAt || row.CreatedDate <= clocks.ToSalesforce(removedAt))
        && Attempts.Any(a => a.IsBlind(reading.Schema.Key)
            && row.CreatedDate >= clocks.ToSalesforce(a.SentAt) - ConflictPolicy.TooClose && MayBeOf(a, row.CreatedDate, clocks)
            && a.Values.DifferencesFrom(row.Values).Each().All(field => a.Values[field] is null));

    /// <summary>A create was sent, as far as this database knows.</summary>
    public bool HasCreate => Attempts.Any(a => a.Kind == WriteKind.Create);

    /// <summary>The page was read before our last write. It cannot show a create that was sent later.</summary>
    private bool IsPast(Reading reading) => WrittenAt > reading.BeganAt || (SalesforceId is null && Attempts.Any(a => a.SentAt > reading.BeganAt));

    /// <summary>The row is the create of this counterpart, whoever sees it first (S5); null when it cannot be.</summary>
    private Counterpart? Adopt(RemoteTask row, Reading reading, Clocks clocks, OurTask ours)
    {
        var create = Attempts.FirstOrDefault(a => a.Kind == WriteKind.Create);
        if (create is null && (row.IsDeleted || row.CreatedById != reading.UserId))
        {
            return null;
        }

        if (create is not null && reading.Schema.Key != KeyPlace.KeyField
            && (row.CreatedById != reading.UserId || row.CreatedDate < clocks.ToSalesforce(Attempts[0].SentAt) - ConflictPolicy.TooClose))
        {
            return null;
        }

        return this with
        {
            SalesforceId = row.Id,

            // The values sent, those that the row shows if several were. Of a create that is forgotten only the row can tell them.
            Agreed = create is null ? null : AttemptRecognition.Absorb(create.Values, Attempts, row.Values),
            AgreedGone = false,
            GoneAt = null,

            // The only create has made it. Of several nobody knows which.
            Attempts = Attempts.Count > 1 ? Creates(clocks, isSurpassed: true) : [],
        };
    }

    /// <summary>
    /// A task that both sides agree is gone was created once more by a request of ours that hung. As created nobody wants it; edited since, somebody does (S4).
    /// What was sent to the row before tells nothing of this one.
    /// </summary>
    private Counterpart AdoptLate(RemoteTask row, Reading reading)
    {
        var adopted = this with { SalesforceId = row.Id, NewestSeen = null, Attempts = [] };
        var agreed = Agreed ?? TaskValues.Unknown;
        return !IsAsCreated(row) ? adopted
            : adopted with { Agreed = agreed.Overlay(row.Values.Only(reading.Schema.Readable & agreed.Known)), AgreedGone = false, GoneAt = null };
    }

    /// <summary>Nobody has edited the row since it was made.</summary>
    private static bool IsAsCreated(RemoteTask row) => row.LastModifiedDate - row.CreatedDate <= ConflictPolicy.TooClose;

    /// <summary>
    /// Observations are ordered: an older one is dropped, an equal stamp with other values is read again by id (S8). So is a live row that both sides agreed is
    /// gone: a page that was read before the deletion must not bring the task back.
    /// </summary>
    private Observation? Staleness(RemoteTask row, Reading reading)
    {
        if (AgreedGone && State == LinkState.Open && !row.IsDeleted && !reading.IsPresent)
        {
            return new Observation.ReadAgain([row.Id]);
        }

        // A log shows no state but that there was a deletion: one that another read may have overtaken says nothing of the second in which both happened.
        var isTruth = reading.IsById && !(reading.BeganAt is not null && row.Values.Known == TaskFields.None);
        if (NewestSeen is not { } newest || row.SystemModstamp > newest || (isTruth && row.SystemModstamp == newest))
        {
            return null;
        }

        var differs = Differs(row) || (State == LinkState.Open && !row.IsDeleted && row.OwnerId != reading.UserId);
        return row.SystemModstamp == newest && differs ? new Observation.ReadAgain([row.Id]) : new Observation.Old();
    }

    private bool Differs(RemoteTask row) => row.IsDeleted != AgreedGone || row.Values.DifferencesFrom(Agreed ?? TaskValues.Unknown) != TaskFields.None;

    /// <summary>The row is this counterpart's and new: ownership first, then whether it is shown again, then what it changes.</summary>
    private Observation Weigh(RemoteTask row, Reading reading, OurTask ours, Judge judge, bool isOpenElsewhere)
    {
        if (!row.IsDeleted && row.OwnerId != reading.UserId)
        {
            return State == LinkState.Open ? new Observation.Reassigned(this) : new Observation.Old();
        }

        if (State == LinkState.Open)
        {
            return Judged(row, reading, ours, judge);
        }

        // What was no longer shown turns out to have been deleted: S4 decides, unless somebody else has the task now.
        var isOthers = row.IsDeleted && (State == LinkState.Reassigned || isOpenElsewhere);

        // What was deleted here while it was here only was deleted here only, unless somebody there has edited it since.
        var isOursOnly = State == LinkState.Lost && !AgreedGone && ours.RemovedAt is not null && !row.IsDeleted
            && Judged(row, reading, ours, judge).Action is SyncAction.DeleteRemote;
        if (isOthers || isOursOnly)
        {
            return new Observation.Old();
        }

        var (reopened, task) = Reopened(ours, judge.Clocks.Now);
        return reopened.Judged(row, reading, task, judge) with { IsShownAgain = true };
    }

    /// <summary>The link is taken up where it was left.</summary>
    private (Counterpart After, OurTask Ours) Reopened(OurTask ours, DateTimeOffset now)
    {
        if (State == LinkState.Reassigned)
        {
            // What was here is past: the task comes back as Salesforce has it.
            var removed = ours with { RemovedAt = ours.RemovedAt ?? now };
            return (this with { State = LinkState.Open, AgreedGone = true, GoneAt = removed.RemovedAt }, removed);
        }

        // Deleted here when it was no longer shown, and restored since: Salesforce never heard of either.
        return (ours.RemovedAt is null ? this with { State = LinkState.Open, AgreedGone = false, GoneAt = null } : this with { State = LinkState.Open }, ours);
    }

    private Observation.Taken Judged(RemoteTask row, Reading reading, OurTask ours, Judge judge)
    {
        var triple = new TaskTriple(BaseFor(row, ours, judge.Clocks), LocalOf(ours, reading.Schema), reading.RemoteOf(row));
        var action = Reconciler.Plan(triple, judge.PolicyOf(reading));
        var readAt = reading.BeganAt ?? reading.NotBefore ?? judge.Clocks.Now;
        WriteAttempt[] open = [.. Attempts.Where(a => IsOpen(a, row, readAt - judge.Clocks.LandsWithin))];
        var after = this with
        {
            Attempts = open,

            // A state that settles an attempt was made by it: seen again, it must not look like somebody's.
            NewestSeen = open.Length < Attempts.Count && !(row.SystemModstamp <= NewestSeen) ? row.SystemModstamp : NewestSeen,

            // Deleted on both sides: Salesforce's deletion is known as of the read. What was done here after it is newer.
            GoneAt = action is SyncAction.Forget ? readAt : GoneAt,
        };
        return new Observation.Taken(after, triple, action);
    }

    /// <summary>
    /// What the row shows has landed, unless something else may have made it: a later write of ours, other attempts at the same, or whatever made it before it was
    /// agreed on. What the row does not show may still be under way, as long as it may.
    /// </summary>
    private bool IsOpen(WriteAttempt attempt, RemoteTask row, DateTimeOffset landedIfBefore) =>
        attempt.SentAt > landedIfBefore && (WrittenAt > attempt.SentAt || IsShownAnyway(attempt) || attempt.Kind switch
        {
            WriteKind.Update => row.IsDeleted || attempt.Values.DifferencesFrom(row.Values) != TaskFields.None,
            WriteKind.Delete => !row.IsDeleted,
            _ => row.IsDeleted,
        });

    /// <summary>What the attempt was to do was agreed on before the row was read, or other attempts would have done it: a row that shows it tells nothing of this one.</summary>
    private bool IsShownAnyway(WriteAttempt attempt)
    {
        var others = Attempts.Where(a => a != attempt && a.Kind == attempt.Kind).ToList();
        return attempt.Kind switch
        {
            WriteKind.Update => (Agreed is null ? attempt.Values.Known : attempt.Values.DifferencesFrom(Agreed)).Each()
                .All(field => others.Exists(a => a.Values.Known.Holds(field) && TaskValues.SameText(a.Values[field], attempt.Values[field]))),
            WriteKind.Delete => AgreedGone || others.Count > 0,
            WriteKind.Undelete => !AgreedGone || others.Count > 0,
            _ => true,
        };
    }

    /// <summary>What was agreed on, as far as this row is concerned: what it shows may be our own doing, without an answer.</summary>
    private SideState BaseFor(RemoteTask row, OurTask ours, Clocks clocks)
    {
        var shown = AsShownBy(row);
        return IsTheirUndelete(row, ours, clocks) ? shown.GoneSince(Attempts.Max(a => a.SentAt))
            : IsOurUndelete(row, clocks) ? new SideState.Live(shown.Agreed!)
            : IsOurDeletion(row, ours, clocks) ? shown.GoneSince(row.SystemModstamp)
            : shown.Base;
    }

    /// <summary>
    /// With the values in the base that the row shows and that are ours: those that an attempt without an answer sent, and before anything was agreed all those of
    /// a create of ours that is forgotten and that nobody has edited.
    /// </summary>
    public Counterpart AsShownBy(RemoteTask row) =>
        Agreed is not null ? this with { Agreed = AttemptRecognition.Absorb(Agreed, [.. Doing], row.Values) }
        : SalesforceId is not null && row.Key == Key && IsAsCreated(row) ? this with { Agreed = row.Values }
        : this;

    /// <summary>The attempts that may have made the row what it is.</summary>
    private IEnumerable<WriteAttempt> Doing => Attempts.Where(a => !a.IsSurpassed);

    /// <summary>A request is carried out within its time or never: what happened there later somebody did.</summary>
    private static bool MayBeOf(WriteAttempt attempt, DateTimeOffset at, Clocks clocks) => at <= clocks.ToSalesforce(attempt.SentAt) + clocks.LandsWithin + ConflictPolicy.TooClose;

    /// <summary>A deletion of ours without an answer, which the rep took back meanwhile: the row shows what we did, not what somebody there wants.</summary>
    private bool IsOurDeletion(RemoteTask row, OurTask ours, Clocks clocks) =>
        row.IsDeleted && !AgreedGone && ours.RemovedAt is null && Attempts.Any(a => a.Kind == WriteKind.Delete && MayBeOf(a, row.LastModifiedDate, clocks));

    /// <summary>An undelete of ours without an answer: that the row is live again is what we did. If the rep deleted the task since, that counts.</summary>
    private bool IsOurUndelete(RemoteTask row, Clocks clocks) =>
        !row.IsDeleted && AgreedGone && SalesforceId is not null && Agreed is not null
        && Attempts.Any(a => a.Kind == WriteKind.Undelete && MayBeOf(a, row.LastModifiedDate, clocks));

    /// <summary>
    /// A deletion of ours without an answer, and a row that somebody changed after it was sent: undeleted or edited, either is newer (S4). Not said while an
    /// update of ours may still land and be what changed it, nor of what a later write of ours changed, nor of a state that was taken in before.
    /// </summary>
    private bool IsTheirUndelete(RemoteTask row, OurTask ours, Clocks clocks) =>
        !row.IsDeleted && ours.RemovedAt is not null && clocks.Offset is { } offset
        && !(row.SystemModstamp <= NewestSeen) && Doing.Any() && Doing.All(a => a.Kind == WriteKind.Delete) && Doing.Max(a => a.SentAt) is var sentAt
        && row.LastModifiedDate > (WrittenAt > sentAt ? WrittenAt : sentAt) + offset + ConflictPolicy.TooClose;
}

/// <summary>Who decides between two edits: the clocks and the rep's choice.</summary>
/// <param name="Clocks">Now, here and there.</param>
/// <param name="Kind">The rep's policy.</param>
public sealed record Judge(Clocks Clocks, ConflictPolicyKind Kind)
{
    /// <summary>The policy for the rows of a reading.</summary>
    public ConflictPolicy PolicyOf(Reading reading) => new(Kind, Clocks.Offset, reading.IsCatchUp);

    /// <summary>The policy while sync is on.</summary>
    public ConflictPolicy Policy => new(Kind, Clocks.Offset);
}
