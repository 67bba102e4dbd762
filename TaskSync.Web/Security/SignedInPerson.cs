using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using TaskSync.Sync.Model;

namespace TaskSync.Web.Security;

/// <summary>Claims of ours.</summary>
public static class TaskSyncClaims
{
    /// <summary>Begins the claims that only we give.</summary>
    public const string Prefix = "tasksync:";

    /// <summary>Id of the Person row.</summary>
    public const string Person = Prefix + "person";

    /// <summary>Id of the sign-in's row: the cookie counts as long as that does.</summary>
    public const string Session = Prefix + "session";

    public static Guid? PersonId(this ClaimsPrincipal user) => Guid.TryParse(user.FindFirstValue(Person), out var id) ? id : null;

    public static Guid? SessionId(this ClaimsPrincipal user) => Guid.TryParse(user.FindFirstValue(Session), out var id) ? id : null;

    /// <summary>Who asks, for the operations; null when nobody is signed in.</summary>
    public static Actor? Actor(this ClaimsPrincipal user) => user.PersonId() is { } id ? new Actor(id, user.DisplayName(), user.IsInRole(Policies.AdminRole)) : null;

    public static string? Email(this ClaimsPrincipal user) =>
        user.FindFirstValue(ClaimTypes.Email) ?? user.FindFirstValue("email") ?? user.FindFirstValue("preferred_username");

    public static string DisplayName(this ClaimsPrincipal user) => user.FindFirstValue("name") ?? user.FindFirstValue(ClaimTypes.Name) ?? user.Identity?.Name ?? "";
}

/// <summary>Whose data this circuit or request may touch: taken from the signed-in user's claim, never from a page or an address.</summary>
public sealed class SignedInPerson(AuthenticationStateProvider authentication, SessionCheck check)
{
    public async Task<ClaimsPrincipal> UserAsync() => (await authentication.GetAuthenticationStateAsync()).User;

    /// <summary>The person with name and role, asked before each operation that takes more than the id.</summary>
    /// <exception cref="UnauthorizedAccessException">Nobody is signed in, or the sign-in has ended.</exception>
    public async Task<Actor> ActorAsync()
    {
        var user = await UserAsync();
        return user.Actor() is { } actor && await check.EndOfAsync(user.SessionId(), CancellationToken.None) is null
            ? actor
            : throw new UnauthorizedAccessException("Nobody is signed in.");
    }

    /// <summary>The person, asked before each operation.</summary>
    /// <exception cref="UnauthorizedAccessException">Nobody is signed in, or the sign-in has ended.</exception>
    public async Task<Guid> IdAsync() => (await ActorAsync()).Id;
}
