using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.OAuth;

/// <summary>A refusal of an OAuth endpoint: <c>{"error":…,"error_description":…}</c>, unlike the error arrays of the REST API.</summary>
#pragma warning disable CA1032, CA1064 // Never leaves the simulator, and means nothing without its error.
internal sealed class OAuthException(string error, string description, int status = 400) : Exception(description)
#pragma warning restore CA1032, CA1064
{
    public string Error { get; } = error;
    public int Status { get; } = status;

    public Reply Answer() => Reply.Object(Status, json =>
    {
        json.WriteString("error", Error);
        json.WriteString("error_description", Message);
    });

    public static OAuthException InvalidGrant(string description) => new("invalid_grant", description);

    public static OAuthException InvalidClient() => new("invalid_client", "invalid client credentials");

    public static OAuthException InvalidClientId() => new("invalid_client_id", "client identifier invalid");

    public static OAuthException RedirectMismatch() => new("redirect_uri_mismatch", "redirect_uri must match configuration");
}
