namespace TaskSync.Web.Security;

/// <summary>What an auditor asks the log for: who came in, and what was refused. Ids and addresses without their query; nothing that anybody typed.</summary>
internal sealed partial class SecurityLog(ILogger<SecurityLog> logger)
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Person {PersonId} signed in: sign-in {SessionId}, admin: {IsAdmin}")]
    public partial void SignedIn(Guid personId, Guid sessionId, bool isAdmin);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sign-in of person {PersonId} was refused: an admin removed them.")]
    public partial void RefusedAsRemoved(Guid personId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sign-in with Microsoft failed: {Failure}")]
    public partial void SignInFailed(string failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Person {PersonId} was refused {Path}.")]
    public partial void Refused(Guid? personId, PathString path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A form to {Path} was refused: its antiforgery token is missing, too old or of somebody else.")]
    public partial void FormRefused(PathString path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A circuit was refused: the page that asked is not one of ours.")]
    public partial void CircuitRefused();
}
