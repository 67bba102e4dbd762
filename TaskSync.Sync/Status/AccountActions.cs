using Microsoft.Extensions.Logging;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Sync.Status;

/// <summary>What an admin can do with somebody's account.</summary>
public sealed partial class AccountActions(SignIns signIns, ILogger<AccountActions> log)
{
    /// <summary>Ends all sign-ins of a person. Their sync goes on.</summary>
    public async Task SignOutAsync(Actor admin, Guid personId, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await signIns.EndAllAsync(personId, except: null, SignInEnd.EndedByAdmin, cancellationToken);
        LogSignedOut(log, personId);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "An admin ended the sign-ins of person {PersonId}.")]
    private static partial void LogSignedOut(ILogger log, Guid personId);
}
