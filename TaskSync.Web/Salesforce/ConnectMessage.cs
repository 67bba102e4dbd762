namespace TaskSync.Web.Salesforce;

/// <summary>How connecting ended, as the settings page is told by its address.</summary>
public static class ConnectMessage
{
    public const string Connected = "ok";
    public const string ConnectedAsAnother = "other";
    public const string Disconnected = "off";
    public const string Denied = "denied";
    public const string Stale = "stale";
}
