using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;

namespace TaskSync.Tests.Reconciliation;

/// <summary>What the engine does: reads, plans, sends, and hears what became of it.</summary>
internal sealed partial class Interleaving
{
    private void Poll()
    {
        StopWaiting();
        _polledAt = _now;
        _log?.Add($"{At} poll");
        Apply(Read(ReadKind.Changes, [.. _org.Rows.Where(row => !row.IsPurged && row.Shown.OwnerId == ModelOrg.Rep).Select(row => row.Shown)]));
    }

    private void ReadById()
    {
        StopWaiting();
        if (Linked is { } row)
        {
            _log?.Add($"{At} read by id");
            Apply(Read(_dice.OneIn(3) ? ReadKind.Audit : ReadKind.Present, [row]));
        }
    }

    /// <summary>The reader of the organization reads a page; what it shows is applied later.</summary>
    private void TakePage()
    {
        var isLog = _dice.OneIn(4);
        List<RemoteTask> rows = [.. _org.Rows.Where(row => isLog ? !row.IsLive : !row.IsPurged).Select(row => isLog ? Logged(row.Shown) : row.Shown)];
        if (rows.Count > 0 && _pages.Count < 3)
        {
            _log?.Add($"{At} reader: takes {(isLog ? "log" : "page")} {_pages.Count}");
            _pages.Add(Read(isLog ? ReadKind.Present : ReadKind.Changes, rows) with { BeganAt = _now });
        }
    }

    private void ApplyPage()
    {
        if (_pages.Count > 0)
        {
            var page = _pages[0];
            _pages.RemoveAt(0);
            if (_now - page.BeganAt > OldestPage)
            {
                return;
            }

            // It may show a deletion that has been taken back since, and the sight of it live may have left no trace.
            _isTimeBlurred |= page.BeganAt < _undeletedThereAt;
            _log?.Add($"{At} reader: applies what it read at {page.BeganAt:mm:ss.fff}");
            Apply(page.Kind == ReadKind.Changes ? page : OfLog(page));
        }
    }

    /// <summary>The log of deletions tells of linked tasks only, and only what is news.</summary>
    private Reading OfLog(Reading page) => page with
    {
        Rows = [.. page.Rows.Where(row => row.Id == _here.Counterpart.SalesforceId && _here.Counterpart is { AgreedGone: false, State: not LinkState.Reassigned })],
    };

    private static RemoteTask Logged(RemoteTask row) => new()
    {
        Id = row.Id,
        WhoName = row.WhoName,
        Values = TaskValues.Unknown,
        OwnerId = ModelOrg.Rep,
        IsDeleted = true,
        CreatedDate = row.SystemModstamp,
        CreatedById = ModelOrg.Rep,
        LastModifiedDate = row.SystemModstamp,
        SystemModstamp = row.SystemModstamp,
    };

    /// <summary>A request that nobody waits for is carried out.</summary>
    private void Land()
    {
        if (_running is { Answer: null } running)
        {
            CarryOut(running);
        }
        else if (_hung.Count > 0)
        {
            var request = _hung[_dice.Next(_hung.Count)];
            _hung.Remove(request);
            CarryOutUnheard(request);
        }
    }

    /// <summary>A write without an answer may cover what nobody here had seen.</summary>
    private void CarryOutUnheard(ModelRequest request)
    {
        CarryOut(request);
        Unheard(request);
    }

    private void Unheard(ModelRequest request)
    {
        _isTimeBlurred |= request.IsOverUnseen;
        _here.Kept |= request.Covered;
    }

    private void CarryOut(ModelRequest request)
    {
        _isBlurred |= _schema.Key == KeyPlace.None && request.Attempt.Kind == WriteKind.Create && _here.Task.RemovedAt is not null;

        // What was done there between our last read and our deletion loses to it. What was deleted unseen has made room for another create.
        // Whether we or somebody there did the same thing nobody can tell.
        _isTimeBlurred |= request.Attempt.Kind switch
        {
            WriteKind.Create => _org.Rows.Exists(row => row.Shown.WhoName != _here.SeenDeed),
            WriteKind.Delete => _org.Find(request.Id)!.Shown.WhoName != _here.SeenDeed || _deletedThereAt >= request.Attempt.SentAt,
            WriteKind.Undelete => _undeletedThereAt >= request.Attempt.SentAt,
            _ => false,
        };
        if (_org.Find(request.Id)?.Shown is { } row)
        {
            request.IsOverUnseen = row.WhoName != _here.SeenDeed;
            request.Covered = ModelHere.BitsOf(row.Values.Only(request.Attempt.Values.Known)) & ~_here.Seen;
        }

        _org.CarryOut(request);
        _log?.Add($"{At} there: {request.Attempt.Kind} of {request.Attempt.SentAt:mm:ss.f} carried out: {request.Answer}");
    }

    /// <summary>Before the engine does anything else it has its answer, or another instance has taken over.</summary>
    private void StopWaiting()
    {
        if (_running is not { } running)
        {
            return;
        }

        if (_dice.OneIn(2))
        {
            _log?.Add($"{At} another instance takes over");
            Lose(running, isRecorded: false);
            return;
        }

        if (running.Answer is null)
        {
            CarryOut(running);
        }

        Hear(running);
    }

    private void Hear(ModelRequest request)
    {
        _running = null;
        if (request.Stirred is { } row)
        {
            Apply(Read(ReadKind.Present, [row]) with { NotBefore = request.Attempt.SentAt });

            // Written into a task that had been given to somebody else meanwhile.
            _here.Kept |= _here.Counterpart.State == LinkState.Open ? 0 : ModelHere.BitsOf(row.Values.Only(request.Attempt.Values.Known));
        }

        _here.Record(request, request.Answer!, Judge.Clocks);
        _log?.Add($"{At} answer: {request.Answer}");
    }

    private void Lose(ModelRequest request, bool isRecorded)
    {
        _running = null;
        if (request.Answer is null)
        {
            _hung.Add(request);
        }
        else
        {
            Unheard(request);
        }

        if (isRecorded)
        {
            _here.Record(request, new Answer.Unknown(), Judge.Clocks);
        }
    }

    /// <summary>One round: looks a create up, reads the row, plans, sends.</summary>
    private void Push()
    {
        StopWaiting();
        if (!IsDue)
        {
            return;
        }

        var isUnread = !_isQuiet && _dice.OneIn(6) && _here is { IsPending: true, Counterpart.AgreedGone: false, Task.RemovedAt: null };
        var lookUp = LookUp();
        var asked = isUnread ? null : _here.Counterpart.SalesforceId;
        var row = isUnread ? null : ReadForWriting();
        if (!_isQuiet && _dice.OneIn(8))
        {
            Meddle();
        }

        if (!IsDue)
        {
            return;
        }

        var terms = Terms(isUnread) with { IsAsked = asked is not null && asked == _here.Counterpart.SalesforceId };
        Follow(PushPlanner.Next(_here.Counterpart, _here.Task, row, lookUp, terms), row);
    }

    private void Follow(PushStep step, RemoteTask? row)
    {
        _log?.Add($"{At} push: {(step is PushStep.Send told ? $"{told.Attempt.Kind} {told.Attempt.Values}" : step.GetType().Name)}");
        switch (step)
        {
            case PushStep.Send send:
                Send(send.Attempt, row);
                break;
            case PushStep.Wait wait:
                _here.Wait(wait.Until);
                break;
            case PushStep.Ask when _here.IsPending:
                _here.Ask(isAboutCreate: true);
                break;
            case PushStep.Settled settled:
                _here.Settle(settled.After);
                break;
        }
    }

    private bool IsDue => _here.IsPending ? !_here.IsParked && _here.DueAt <= _now
        : _here.Counterpart.State == LinkState.Open && _here.Counterpart.OpenUntil(LandsWithin) <= _now;

    private PushTerms Terms(bool isUnread) => new(_schema, Judge, CallTime, _polledAt) { IsUnread = isUnread };

    private KeyLookUp LookUp()
    {
        if (_here.Counterpart is not { SalesforceId: null, Attempts.Count: > 0 } counterpart
            || PushPlanner.Next(counterpart, _here.Task, null, KeyLookUp.NotDone, Terms(isUnread: false)) is not PushStep.LookUp)
        {
            return KeyLookUp.NotDone;
        }

        List<RemoteTask> rows = [.. _org.Rows.Where(row => !row.IsPurged && row.Shown.Key == counterpart.Key).Select(row => row.Shown)];
        _log?.Add($"{At} look-up: {rows.Count}");
        Apply(Read(ReadKind.Present, rows));
        return rows.Exists(row => row.Key == counterpart.Key) ? KeyLookUp.SomebodyElses : KeyLookUp.Nothing;
    }

    private RemoteTask? ReadForWriting()
    {
        if (_here.Counterpart is not { SalesforceId: { } id, AgreedGone: var isGone })
        {
            return null;
        }

        var row = Linked;
        if (row is not null)
        {
            Apply(Read(ReadKind.Present, [row]));
        }
        else if (!isGone)
        {
            Apply(Read(ReadKind.Present, [Logged(_org.Find(id)!.Shown)]));
        }

        return row is not null && row.Id == _here.Counterpart.SalesforceId ? row : null;
    }

    /// <summary>Something happens between two steps of the engine.</summary>
    private void Meddle()
    {
        switch (_dice.Next(4))
        {
            case 0:
                ActHere();
                break;
            case 1:
                ActThere();
                break;
            case 2:
                Land();
                break;
            default:
                ApplyPage();
                break;
        }
    }

    private void Send(WriteAttempt attempt, RemoteTask? row)
    {
        _sends++;
        Tick(TimeSpan.FromMilliseconds(1));
        if (attempt.Kind == WriteKind.Create && _schema.Key != KeyPlace.KeyField && _hung.Exists(request => request.Attempt.Kind == WriteKind.Create && request.Key == _here.Counterpart.Key))
        {
            throw new InvalidOperationException("A create is sent while an earlier one may land.");
        }

        var request = new ModelRequest(attempt, _here.Counterpart.SalesforceId, _here.Counterpart.Key)
        {
            IsInBin = row is not null,
            Reads = attempt.Kind is WriteKind.Update or WriteKind.Delete,
        };
        _here.Send(attempt, _now);
        if (!_isQuiet && _dice.OneIn(8))
        {
            Meddle();
        }

        Deliver(request, _isQuiet ? 0 : _dice.Next(16));
    }

    private void Deliver(ModelRequest request, int fate)
    {
        switch (fate)
        {
            case 6 or 7:
                _log?.Add($"{At} answer lost");
                CarryOutUnheard(request);
                _here.Record(request, new Answer.Unknown(), Judge.Clocks);
                break;
            case 8:
                _log?.Add($"{At} request lost");
                _here.Record(request, new Answer.Unknown(), Judge.Clocks);
                break;
            case 9 or 10:
                _log?.Add($"{At} request hangs");
                _hung.Add(request);
                _here.Record(request, new Answer.Unknown(), Judge.Clocks);
                break;
            case 11:
                Refuse(request, new Answer.Refused());
                break;
            case 12:
                Refuse(request, new Answer.Busy());
                break;
            case 13:
                Refuse(request, _dice.OneIn(2) && request.Attempt.Kind is WriteKind.Update or WriteKind.Delete ? new Answer.Gone() : new Answer.NotSent());
                break;
            case 14 or 15:
                _log?.Add($"{At} request takes its time");
                _running = request;
                break;
            default:
                CarryOut(request);
                Hear(request);
                break;
        }
    }

    private void Refuse(ModelRequest request, Answer answer)
    {
        _log?.Add($"{At} answer: {answer}");
        _here.Record(request, answer, Judge.Clocks);
    }
}
