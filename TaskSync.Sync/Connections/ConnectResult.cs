using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Connections;

/// <summary>How connecting ended. A closed set.</summary>
public abstract record ConnectResult
{
    private ConnectResult()
    {
    }

    /// <summary>Connected, or connected again.</summary>
    /// <param name="ConnectionId">The connection in use now.</param>
    /// <param name="SyncTurnedOff">True when the person was connected as another Salesforce user before: the box is unticked and the next Save is a first sync or catch-up (F9).</param>
    /// <param name="SchemaFailure">Why the org's fields could not be read yet, null mostly; it is read again with the first call.</param>
    public sealed record Connected(Guid ConnectionId, bool SyncTurnedOff, CallFailure? SchemaFailure) : ConnectResult;

    /// <summary>Refused by one of our rules; nothing changed and the fresh grant was revoked.</summary>
    /// <param name="Reason">Which rule.</param>
    /// <param name="Words">Plain words for the rep.</param>
    public sealed record Refused(ConnectRefusal Reason, string Words) : ConnectResult;

    /// <summary>Salesforce did not let us find out who signed in; nothing changed.</summary>
    public sealed record Failed(CallFailure Failure) : ConnectResult;
}

/// <summary>Why a connection was refused (F9).</summary>
public enum ConnectRefusal
{
    /// <summary>Another person in TaskSync is connected as this Salesforce user. Who it is, is not told.</summary>
    InUse,

    /// <summary>The organization is not one the admin allowed.</summary>
    OrganizationNotAllowed,

    /// <summary>The app's settings in Salesforce do not grant a lasting sign-in.</summary>
    NoRefreshToken,

    /// <summary>An admin removed the person while Salesforce asked for consent.</summary>
    PersonRemoved,
}
