using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Tasks;

/// <summary>How long sign-ins last: the configuration section "SignIn".</summary>
public sealed class SignInOptions
{
    public const string Section = "SignIn";

    /// <summary>One that is not used for so long ends.</summary>
    public TimeSpan IdleTime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>One that is so old ends, however much it is used.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(7);
}

/// <summary>A sign-in for a list of them.</summary>
/// <param name="Id">Which one.</param>
/// <param name="StartedAt">Since when (UTC).</param>
/// <param name="LastSeenAt">When it was last used (UTC), to the minute.</param>
/// <param name="Device">Browser and system in words; null when unknown.</param>
public sealed record SignInLine(Guid Id, DateTimeOffset StartedAt, DateTimeOffset LastSeenAt, string? Device);

/// <summary>The sign-ins of people: rows that begin, are used, and end.</summary>
public sealed class SignIns(IDbContextFactory<TaskSyncDb> databases, ChangeFeed feed, TimeProvider time, IOptions<SignInOptions> options)
{
    private const int LongestDevice = 100;

    /// <summary>Use is written down to the minute.</summary>
    private static readonly TimeSpan UseStep = TimeSpan.FromMinutes(1);

    /// <summary>Ended ones are kept so long, so that a page that wakes up late can say why it ended.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>Begins a sign-in. Who is no admin any more loses the sign-ins of an admin.</summary>
    /// <returns>Its id, for the cookie; null when an admin removed the person.</returns>
    public async Task<Guid?> BeginAsync(Guid personId, bool isAdmin, string? device, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var signIn = new SignIn { Id = Guid.NewGuid(), PersonId = personId, StartedAt = now, LastSeenAt = now, IsAdmin = isAdmin, Device = Texts.Fitting(device, LongestDevice) };
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.People.AnyAsync(p => p.Id == personId && p.RemovedAt != null, cancellationToken))
        {
            return null;
        }

        await db.SignIns.Where(s => s.PersonId == personId && (s.EndedAt ?? s.LastSeenAt) < now - Kept - options.Value.IdleTime).ExecuteDeleteAsync(cancellationToken);
        if (!isAdmin)
        {
            await EndAsync(db.SignIns.Where(s => s.PersonId == personId && s.IsAdmin), SignInEnd.LostRole, cancellationToken);
        }

        db.SignIns.Add(signIn);
        await db.SaveChangesAsync(cancellationToken);
        return signIn.Id;
    }

    /// <summary>Whether sign-ins may still be used.</summary>
    /// <param name="ids">Which ones.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Why not, for each that may not.</returns>
    public async Task<IReadOnlyDictionary<Guid, SignInEnd>> EndedAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.SignIns.AsNoTracking().Where(s => ids.Contains(s.Id))
            .Join(db.People, s => s.PersonId, p => p.Id, (s, p) => new { SignIn = s, IsRemoved = p.RemovedAt != null }).ToDictionaryAsync(row => row.SignIn.Id, cancellationToken);
        var now = time.GetUtcNow();
        Dictionary<Guid, SignInEnd> ended = [];
        foreach (var id in ids)
        {
            if ((found.TryGetValue(id, out var row) ? EndOf(row.SignIn, now) ?? (row.IsRemoved ? SignInEnd.RemovedByAdmin : null) : SignInEnd.Removed) is { } end)
            {
                ended[id] = end;
            }
        }

        return ended;
    }

    /// <summary>It is being used. Written down once a minute; one that has ended stays ended.</summary>
    public async Task UseAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var idleSince = now - options.Value.IdleTime;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.SignIns.Where(s => s.Id == id && s.EndedAt == null && s.LastSeenAt < now - UseStep && s.LastSeenAt > idleSince).ExecuteUpdateAsync(set => set.SetProperty(s => s.LastSeenAt, now), cancellationToken);
    }

    /// <summary>The person's sign-ins that may be used, the last used first.</summary>
    public async Task<IReadOnlyList<SignInLine>> ListAsync(Guid personId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var open = await db.SignIns.AsNoTracking().Where(s => s.PersonId == personId && s.EndedAt == null).ToListAsync(cancellationToken);
        return [.. open.Where(s => EndOf(s, now) is null).OrderByDescending(s => s.LastSeenAt).Select(s => new SignInLine(s.Id, s.StartedAt, s.LastSeenAt, s.Device))];
    }

    /// <summary>Ends one sign-in of a person; somebody else's is left alone.</summary>
    public async Task EndAsync(Guid personId, Guid id, SignInEnd end, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await EndAsync(db.SignIns.Where(s => s.PersonId == personId && s.Id == id), end, cancellationToken);
        feed.Publish(personId);
    }

    /// <summary>Ends all sign-ins of a person, but for one.</summary>
    /// <param name="personId">Whose.</param>
    /// <param name="except">The one that stays; null for none.</param>
    /// <param name="end">Why.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task EndAllAsync(Guid personId, Guid? except, SignInEnd end, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await EndAsync(db.SignIns.Where(s => s.PersonId == personId && s.Id != except), end, cancellationToken);
        feed.Publish(personId);
    }

    private Task<int> EndAsync(IQueryable<SignIn> which, SignInEnd end, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return which.Where(s => s.EndedAt == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now).SetProperty(s => s.End, end), cancellationToken);
    }

    private SignInEnd? EndOf(SignIn signIn, DateTimeOffset now) =>
        signIn.EndedAt is not null ? signIn.End
        : now >= signIn.StartedAt + options.Value.Lifetime ? SignInEnd.Expired
        : now >= signIn.LastSeenAt + options.Value.IdleTime ? SignInEnd.Idle
        : null;
}
