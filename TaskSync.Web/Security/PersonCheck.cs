using System.Collections.Concurrent;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;

namespace TaskSync.Web.Security;

/// <summary>A cookie counts only while its person exists: an erased person, or a cookie of another database, is signed out.</summary>
public sealed class PersonCheck(IDbContextFactory<TaskSyncDb> databases, TimeProvider time)
{
    private static readonly TimeSpan Trust = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _seen = new();

    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var check = context.HttpContext.RequestServices.GetRequiredService<PersonCheck>();
        if (context.Principal?.PersonId() is not { } id || !await check.ExistsAsync(id, context.HttpContext.RequestAborted))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        }
    }

    private async Task<bool> ExistsAsync(Guid personId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_seen.TryGetValue(personId, out var at) && now - at < Trust)
        {
            return true;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.People.AnyAsync(person => person.Id == personId, cancellationToken))
        {
            _seen.TryRemove(personId, out _);
            return false;
        }

        _seen[personId] = now;
        return true;
    }
}
