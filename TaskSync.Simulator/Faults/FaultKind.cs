namespace TaskSync.Simulator.Faults;

/// <summary>What goes wrong with a request.</summary>
public enum FaultKind
{
    /// <summary>The connection is cut before anything is done.</summary>
    DropBeforeCommit,

    /// <summary>The work is done and kept, but the connection is cut instead of answering: the answer is lost.</summary>
    DropAfterCommit,

    /// <summary>The request waits (<see cref="FaultRule.Delay"/>, or until <see cref="FaultRule.Release"/>) before anything is done.</summary>
    DelayRequest,

    /// <summary>The work is done and kept, the answer waits (<see cref="FaultRule.Delay"/>, or until <see cref="FaultRule.Release"/>).</summary>
    DelayAnswer,

    /// <summary>
    /// The work is done but commits only after the wait (<see cref="FaultRule.Delay"/>, or until <see cref="FaultRule.Release"/>): its rows appear
    /// late with older stamps, are locked meanwhile, and hold <c>latestDateCovered</c> back. The answer waits too.
    /// </summary>
    LateCommit,

    /// <summary>A query answers with pages of <see cref="FaultRule.Item"/> rows at most, at least 1.</summary>
    ShortPage,

    /// <summary>401 INVALID_SESSION_ID, and the access token is dead from then on.</summary>
    SessionExpired,

    /// <summary>503 with an HTML page, as a gateway sends it.</summary>
    ServiceUnavailableHtml,

    /// <summary>503 SERVER_UNAVAILABLE as JSON.</summary>
    ServerTooBusy,

    /// <summary>500 UNKNOWN_EXCEPTION.</summary>
    UnknownException,

    /// <summary>The work is done and kept; the answer has status 200 but its JSON ends half-way.</summary>
    TruncatedJson,

    /// <summary>The work is done and kept; the answer is 200 with the <see cref="FaultRule.Item"/>-th of the <see cref="HostileJson.All"/> bodies (-1: by turns).</summary>
    HostileJson,

    /// <summary>The work is done and kept; the answer is <see cref="FaultRule.Body"/> with <see cref="FaultRule.Status"/>.</summary>
    HostileAnswer,

    /// <summary>403 REQUEST_LIMIT_EXCEEDED: the allowance of 24 hours is used up.</summary>
    DailyLimit,

    /// <summary>403 REQUEST_LIMIT_EXCEEDED: too many long requests at once.</summary>
    ConcurrentLimit,

    /// <summary>403 REQUEST_LIMIT_EXCEEDED: too many long transactions at once.</summary>
    LongTransactionLimit,

    /// <summary>UNABLE_TO_LOCK_ROW for record <see cref="FaultRule.Item"/> of the request; status 400 when it is the only one.</summary>
    RowLock,

    /// <summary>400 QUERY_TIMEOUT.</summary>
    QueryTimeout,

    /// <summary>400 INVALID_REPLICATION_DATE.</summary>
    InvalidReplicationDate,

    /// <summary>400 INVALID_QUERY_LOCATOR.</summary>
    InvalidQueryLocator,

    /// <summary>400 invalid_grant "token request is already being processed" from the token endpoint.</summary>
    TokenRequestBusy,

    /// <summary>
    /// An error of one's own choice: <see cref="FaultRule.Status"/>, <see cref="FaultRule.Code"/>, <see cref="FaultRule.Message"/>,
    /// <see cref="FaultRule.Fields"/>. With <see cref="FaultRule.Item"/> ≥ 0 or <see cref="FaultRule.RecordContains"/> it is an item error.
    /// </summary>
    Error,

    /// <summary>302 to <see cref="FaultRule.Location"/>; nothing is done.</summary>
    Redirect,
}
