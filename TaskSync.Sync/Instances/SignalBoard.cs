using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Instances;

/// <summary>What happens on this instance as signals, and signals of others as what happens here.</summary>
public sealed class SignalBoard
{
    private readonly ChangeFeed _feed;
    private readonly SyncDoorbell _doorbell;
    private readonly AskedReads _asked;
    private readonly Presence _presence;

    public SignalBoard(ChangeFeed feed, SyncDoorbell doorbell, AskedReads asked, Presence presence)
    {
        (_feed, _doorbell, _asked, _presence) = (feed, doorbell, asked, presence);
        feed.Published += person => Said?.Invoke(SignalKind.Changed, person);
        doorbell.RungHere += (connection, reads) => Said?.Invoke(reads ? SignalKind.RingAndRead : SignalKind.Ring, connection);
        presence.Arrived += person => Said?.Invoke(SignalKind.Here, person);
        presence.Left += person => Said?.Invoke(SignalKind.Left, person);
    }

    /// <summary>Raised on the thread of whoever made it happen.</summary>
    public event Action<SignalKind, Guid>? Said;

    /// <summary>Says again who has a page open here.</summary>
    public void SayWhoIsHere()
    {
        foreach (var person in _presence.Here)
        {
            Said?.Invoke(SignalKind.Here, person);
        }
    }

    /// <summary>Another instance said it.</summary>
    public void Hear(SignalKind kind, Guid subject)
    {
        switch (kind)
        {
            case SignalKind.Changed:
                _feed.Hear(subject);
                break;
            case SignalKind.Here:
                _presence.HearOf(subject);
                break;
            case SignalKind.Left:
                _presence.HearLeft(subject);
                break;
            case SignalKind.Ring:
                _doorbell.Hear(subject, readChanges: false);
                break;
            case SignalKind.RingAndRead:
                _asked.Hear(subject);
                _doorbell.Hear(subject, readChanges: true);
                break;
        }
    }

    /// <summary>Something may have been missed: every page and every connection is looked at.</summary>
    public void HearAll()
    {
        _doorbell.HearAll();
        _feed.HearAll();
    }
}
