using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;

namespace TaskSync.Tests.Reconciliation;

/// <summary>What must hold at every moment, and in the end.</summary>
internal sealed partial class Interleaving
{
    /// <summary>So many sends are enough once nothing disturbs any more: take out of the bin, send what is here, send again what a late request changed.</summary>
    private const int MostSends = 6;

    /// <summary>Two deeds nearer than this cannot be told apart.</summary>
    private static readonly TimeSpan TooClose = TimeSpan.FromSeconds(4);

    /// <summary>Without a key nobody can tell that a row is our create: the task was removed before it was made.</summary>
    private bool _isBlurred;

    /// <summary>What must hold at every moment.</summary>
    private void Check()
    {
        if (_org.LiveRows > 1)
        {
            throw new InvalidOperationException("Two live tasks in Salesforce.");
        }

        if (!_isBlurred && _here.Entered.Exists(id => _org.Find(id)!.IsLive))
        {
            throw new InvalidOperationException("Our own row came in as a second task.");
        }
    }

    /// <summary>Nobody disturbs any more: what hangs lands or dies, every page is applied, every question answered, and rounds follow one another.</summary>
    private void ComeToRest()
    {
        _isQuiet = true;
        Tick(Steps[0]);
        StopWaiting();
        while (_hung.Count > 0)
        {
            Land();
        }

        while (_pages.Count > 0)
        {
            ApplyPage();
        }

        _sends = 0;
        for (var round = 0; round < 10; round++)
        {
            Tick(TimeSpan.FromMinutes(round == 0 ? 11 : 2));
            Poll();
            ReadById();
            Apply(OfLog(Read(ReadKind.Present, [.. _org.Rows.Where(row => !row.IsLive).Select(row => Logged(row.Shown))])));
            for (var pushes = 0; IsDue && pushes < 4; pushes++)
            {
                Push();
                Tick(TimeSpan.FromSeconds(1));
            }

            if (_here.IsParked)
            {
                Answer();
            }
            else if (!_here.IsPending && _here.Counterpart.Attempts.Count == 0 && round > 0)
            {
                return;
            }
        }
    }

    private string? Wrong()
    {
        Check();
        var (counterpart, task, live) = (_here.Counterpart, _here.Task, _org.Rows.Find(row => row.IsLive)?.Shown);
        if (IsNobodysTask(counterpart, live))
        {
            return null;
        }

        if (_here.IsPending || counterpart.Attempts.Count > 0 || _sends > MostSends)
        {
            return $"It does not come to rest: {_sends} sends, {counterpart.Attempts.Count} attempts.";
        }

        if (live is not null && live.OwnerId != ModelOrg.Rep)
        {
            return task.RemovedAt is null ? "It is somebody else's, and still in the list." : null;
        }

        if ((live is null) != (task.RemovedAt is not null))
        {
            return live is null ? "It is here, and not there." : "It is there, and not here.";
        }

        if (live is not null && (live.Id != counterpart.SalesforceId || live.Values.DifferencesFrom(task.Values) != TaskFields.None))
        {
            return $"Here is {task.Values}, there {live.Values} ({live.Id}).";
        }

        var held = _org.Rows.Aggregate(_here.Kept | ModelHere.BitsOf(task.Values), (bits, row) => bits | ModelHere.BitsOf(row.Shown.Values));
        return (Typed & ~held) is not 0 and var lost ? $"Lost: {string.Join(", ", Names.Where(name => (ModelHere.BitOf(name) & lost) != 0))}." : NewestCounts(live, task);
    }

    /// <summary>
    /// Restored after its link was closed it is here only. What landed late and was given away unseen, or what landed after the task was given away, is a task of
    /// its own; and a create that no key names after its removal here nobody can know.
    /// </summary>
    private bool IsNobodysTask(Counterpart counterpart, RemoteTask? live) =>
        _here.IsHereOnly || _isBlurred
        || (live is not null && live.Id != counterpart.SalesforceId && (counterpart.State == LinkState.Reassigned || live.OwnerId != ModelOrg.Rep));

    /// <summary>The newest deed counts, if it is clearly the newest.</summary>
    private string? NewestCounts(RemoteTask? live, OurTask task)
    {
        var (newest, other) = _lastHere.At > _lastThere.At ? (_lastHere, _lastThere) : (_lastThere, _lastHere);
        if (_wasGiven || _isTimeBlurred || newest.At - other.At < TooClose)
        {
            return null;
        }

        return newest.Deed switch
        {
            Deed.Delete when live is not null => "The newest deed was a deletion, and the task lives.",
            Deed.Restore when live is null => "The newest deed was a restore, and the task is gone.",
            Deed.Edit when _policy == ConflictPolicyKind.NewestWins && live is null => "The newest deed was an edit, and the task is gone.",
            Deed.Edit when _policy == ConflictPolicyKind.NewestWins && task.Values[newest.Field] != newest.Value => $"The newest edit was {newest.Value}, and {task.Values[newest.Field]} counts.",
            _ => null,
        };
    }
}
