namespace TaskSync.Simulator.Setup;

/// <summary>What the API's addresses that the org does not live at, above all the one it has left, answer to a call of the API.</summary>
public enum OldAddress
{
    /// <summary>401 INVALID_SESSION_ID.</summary>
    KnowsNoSession,

    /// <summary>404 URL_NOT_RESET.</summary>
    IsNotReset,

    /// <summary>302 to the same path at the new address.</summary>
    Redirects,

    /// <summary>Nothing: the connection is cut.</summary>
    CutsConnections,
}
