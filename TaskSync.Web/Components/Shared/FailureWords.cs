using TaskSync.Sync.Data;

namespace TaskSync.Web.Components.Shared;

/// <summary>What a failure means to whoever sits before the page: what did not work, why, and what to do.</summary>
internal static class FailureWords
{
    /// <summary>Of something that somebody asked for.</summary>
    /// <param name="what">"That could not be saved just now".</param>
    /// <param name="failure">Why.</param>
    /// <param name="kept">"Nothing was changed."; null when there is nothing to say.</param>
    public static string Of(string what, Exception failure, string? kept = null) => DatabaseFailures.TroubleOf(failure) is { } trouble
        ? Join(Because(what, trouble), kept, trouble.Advice())
        : Join($"{what}: something went wrong in TaskSync.", kept, "Please try again. If it goes on, tell your administrator.");

    /// <summary>Of something that a page shows, and that it tries again by itself.</summary>
    public static string OfLoad(string what, Exception failure) => DatabaseFailures.TroubleOf(failure) switch
    {
        null => $"{what}: something went wrong in TaskSync. It is tried again by itself. If it goes on, tell your administrator.",
        { } trouble and (DatabaseTrouble.Busy or DatabaseTrouble.Away) => $"{Because(what, trouble)} It is tried again by itself.",
        { } trouble => $"{Because(what, trouble)} {trouble.Advice()}",
    };

    private static string Because(string what, DatabaseTrouble trouble)
    {
        var words = trouble.Words();
        return $"{what}: {char.ToLowerInvariant(words[0])}{words[1..]}";
    }

    private static string Join(params string?[] sentences) => string.Join(' ', sentences.Where(sentence => sentence is not null));
}
