namespace TaskSync.Web.Components.Shared;

/// <summary>What pages log. Never what people typed.</summary>
internal static partial class PageLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The page {Page} could not be loaded.")]
    public static partial void LoadFailed(ILogger logger, string page, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "An action on the page {Page} failed.")]
    public static partial void ActionFailed(ILogger logger, string page, Exception failure);
}
