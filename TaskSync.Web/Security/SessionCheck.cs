using System.Collections.Concurrent;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Web.Security;

/// <summary>Whether a sign-in still counts: asked on each request and before each operation of a page, looked up every few seconds.</summary>
public sealed class SessionCheck(SignIns signIns, TimeProvider time)
{
    /// <summary>An answer is good for so long: an ended sign-in is noticed within it on every server.</summary>
    public static readonly TimeSpan Trust = TimeSpan.FromSeconds(3);

    /// <summary>Use is written down so often.</summary>
    private static readonly TimeSpan UseStep = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, Answer> _answers = new();

    /// <summary>Why the sign-in counts no longer; null while it does.</summary>
    /// <param name="id">Which one; one without an id never counts.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<SignInEnd?> EndOfAsync(Guid? id, CancellationToken cancellationToken)
    {
        if (id is not { } session)
        {
            return SignInEnd.Removed;
        }

        if (_answers.TryGetValue(session, out var known) && time.GetUtcNow() - known.At < Trust)
        {
            return known.End;
        }

        return (await LookAsync([session], cancellationToken)).TryGetValue(session, out var end) ? end : null;
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

    /// <summary>The sign-in is being used.</summary>
    public async Task UseAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_answers.TryGetValue(id, out var known) && known.End is null && now - known.UsedAt >= UseStep && _answers.TryUpdate(id, known with { UsedAt = now }, known))
        {
            await signIns.UseAsync(id, cancellationToken);
        }
    }

    /// <summary>For a cookie: one whose sign-in has ended is refused, and the sign-in page says why.</summary>
    internal static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var check = context.HttpContext.RequestServices.GetRequiredService<SessionCheck>();
        var (session, cancellationToken) = (context.Principal?.SessionId(), context.HttpContext.RequestAborted);
        if (context.Principal?.PersonId() is null || await check.EndOfAsync(session, cancellationToken) is { } end)
        {
            context.RejectPrincipal();
            context.HttpContext.Items[typeof(SignInEnd)] = session is { } ended ? await check.EndOfAsync(ended, cancellationToken) : null;
            await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
            return;
        }

        await check.UseAsync(session!.Value, cancellationToken);
    }

    private readonly record struct Answer(DateTimeOffset At, SignInEnd? End, DateTimeOffset UsedAt);
}
