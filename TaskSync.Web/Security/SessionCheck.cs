using System.Collections.Concurrent;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Web.Security;

/// <summary>Whether a sign-in still counts: asked on each request and before each operation of a page, looked up every few seconds.</summary>
public sealed partial class SessionCheck(SignIns signIns, TimeProvider time, ILogger<SessionCheck> logger)
{
    /// <summary>An answer is good for so long: an ended sign-in is noticed within it on every server.</summary>
    public static readonly TimeSpan Trust = TimeSpan.FromSeconds(3);

    /// <summary>Use is written down so often.</summary>
    private static readonly TimeSpan UseStep = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, Answer> _answers = new();

    /// <summary>Why the sign-in counts no longer; null while it does.</summary>
    /// <param name="id">Which one; one without an id never counts.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="mustKnow">Nothing is believed of one that was never looked up: for who comes in. What is open was let in by a request that asked.</param>
    /// <exception cref="DatabaseUnavailableException">It was never looked up, and cannot be now, where it must be known.</exception>
    public async Task<SignInEnd?> EndOfAsync(Guid? id, CancellationToken cancellationToken, bool mustKnow = false)
    {
        if (id is not { } session)
        {
            return SignInEnd.Removed;
        }

        if (_answers.TryGetValue(session, out var known) && time.GetUtcNow() - known.At < Trust)
        {
            return known.End;
        }

        try
        {
            return (await LookAsync([session], cancellationToken)).TryGetValue(session, out var end) ? end : null;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The database does not answer. What was last known counts: nobody gets at anything without it.
            return known.At > default(DateTimeOffset) || !mustKnow ? known.End : throw new DatabaseUnavailableException(DatabaseFailures.TroubleOf(failure) ?? DatabaseTrouble.Away);
        }
    }

    /// <summary>Looks up now, whatever was answered before.</summary>
    /// <returns>Why, for each that counts no longer.</returns>
    public async Task<IReadOnlyDictionary<Guid, SignInEnd>> LookAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var ended = await signIns.EndedAsync(ids, cancellationToken);
        var now = time.GetUtcNow();
        foreach (var id in ids)
        {
            _answers.AddOrUpdate(id, _ => new Answer(now, End(id), default), (_, before) => before with { At = now, End = End(id) });
        }

        foreach (var (id, answer) in _answers)
        {
            if (now - answer.At > UseStep + UseStep)
            {
                _answers.TryRemove(id, out _);
            }
        }

        return ended;

        SignInEnd? End(Guid id) => ended.TryGetValue(id, out var end) ? end : null;
    }

    /// <summary>The sign-in is being used. If that cannot be written down now, it is a minute later: what somebody asked for is not lost for it.</summary>
    public async Task TryUseAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!_answers.TryGetValue(id, out var known) || known.End is not null || now - known.UsedAt < UseStep || !_answers.TryUpdate(id, known with { UsedAt = now }, known))
        {
            return;
        }

        try
        {
            await signIns.UseAsync(id, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogNotWritten(failure.GetType().Name);
        }
    }

    /// <summary>For a cookie: one whose sign-in has ended is refused, and the sign-in page says why.</summary>
    internal static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var check = context.HttpContext.RequestServices.GetRequiredService<SessionCheck>();
        var (session, cancellationToken) = (context.Principal?.SessionId(), context.HttpContext.RequestAborted);
        if (context.Principal?.PersonId() is null || await check.EndOfAsync(session, cancellationToken, mustKnow: true) is { } end)
        {
            context.RejectPrincipal();
            context.HttpContext.Items[typeof(SignInEnd)] = session is { } ended ? await check.EndOfAsync(ended, cancellationToken) : null;
            await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
            return;
        }

        await check.TryUseAsync(session!.Value, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The use of a sign-in could not be written down: {Failure}")]
    private partial void LogNotWritten(string failure);

    private readonly record struct Answer(DateTimeOffset At, SignInEnd? End, DateTimeOffset UsedAt);
}
