using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;

namespace TaskSync.Web.Security;

/// <summary>Claims of ours.</summary>
public static class TaskSyncClaims
{
    /// <summary>Id of the Person row.</summary>
    public const string Person = "tasksync:person";

    /// <summary>Names one sign-in, so that signing out closes its open pages and no others.</summary>
    public const string Session = "tasksync:session";

    public static Guid? PersonId(this ClaimsPrincipal user) => Guid.TryParse(user.FindFirstValue(Person), out var id) ? id : null;

    public static string? SessionId(this ClaimsPrincipal user) => user.FindFirstValue(Session);

    public static string? Email(this ClaimsPrincipal user) =>
        user.FindFirstValue(ClaimTypes.Email) ?? user.FindFirstValue("email") ?? user.FindFirstValue("preferred_username");

    public static string DisplayName(this ClaimsPrincipal user) => user.FindFirstValue("name") ?? user.FindFirstValue(ClaimTypes.Name) ?? user.Identity?.Name ?? "";
}

/// <summary>Whose data this circuit or request may touch: taken from the signed-in user's claim, never from a page or an address.</summary>
public sealed class SignedInPerson(AuthenticationStateProvider authentication)
{
    public async Task<ClaimsPrincipal> UserAsync() => (await authentication.GetAuthenticationStateAsync()).User;

    /// <exception cref="UnauthorizedAccessException">Nobody is signed in.</exception>
    public async Task<Guid> IdAsync() =>
        (await UserAsync()).PersonId() ?? throw new UnauthorizedAccessException("Nobody is signed in.");
}
