using Microsoft.AspNetCore.Components.Server.Circuits;

namespace TaskSync.Web.Security;

/// <summary>What somebody does on a live page counts as use of the sign-in; a page that is merely open does not.</summary>
public sealed class SessionUse(SignedInPerson person, SessionCheck check) : CircuitHandler
{
    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) => async context =>
    {
        if ((await person.UserAsync()).SessionId() is { } session)
        {
            await check.TryUseAsync(session, CancellationToken.None);
        }

        await next(context);
    };
}
