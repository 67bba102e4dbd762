using System.Collections.Immutable;

namespace TaskSync.Sync.Signals;

/// <summary>Tells open pages that somebody's tasks or sync state changed; says that something changed, never what. In-process: who listens to it tells other instances.</summary>
public sealed class ChangeFeed
{
    private ImmutableList<Subscription> _subscriptions = [];

    /// <summary>Raised after what changed through this instance. Must be quick.</summary>
    internal event Action<Guid>? Published;

    /// <summary>Calls back on any thread after each change of this person's data, until disposed. The callback must be quick.</summary>
    public IDisposable Subscribe(Guid personId, Action onChanged) => Add(new Subscription(this, personId, onChanged));

    /// <summary>The same for every person, for the admin page.</summary>
    public IDisposable SubscribeAll(Action onChanged) => Add(new Subscription(this, null, onChanged));

    /// <summary>Something of this person changed and is committed.</summary>
    public void Publish(Guid personId)
    {
        Hear(personId);
        Published?.Invoke(personId);
    }

    /// <summary>Another instance published it.</summary>
    internal void Hear(Guid personId)
    {
        foreach (var subscription in _subscriptions)
        {
            if (subscription.PersonId is null || subscription.PersonId == personId)
            {
                subscription.OnChanged();
            }
        }
    }

    /// <summary>What other instances published may have been missed: every page looks again.</summary>
    internal void HearAll()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.OnChanged();
        }
    }

    private Subscription Add(Subscription subscription)
    {
        ImmutableInterlocked.Update(ref _subscriptions, list => list.Add(subscription));
        return subscription;
    }

    private sealed class Subscription(ChangeFeed feed, Guid? personId, Action onChanged) : IDisposable
    {
        public Guid? PersonId { get; } = personId;

        public Action OnChanged { get; } = onChanged;

        public void Dispose() => ImmutableInterlocked.Update(ref feed._subscriptions, list => list.Remove(this));
    }
}
