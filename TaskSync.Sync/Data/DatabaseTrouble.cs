namespace TaskSync.Sync.Data;

/// <summary>Why the database cannot be used just now.</summary>
public enum DatabaseTrouble
{
    /// <summary>Somebody else holds what is needed.</summary>
    Busy,

    /// <summary>No room is left for what is to be stored.</summary>
    Full,

    /// <summary>It can be read, and refuses to be written.</summary>
    ReadOnly,

    /// <summary>What is stored cannot be read.</summary>
    Broken,

    /// <summary>Its tables are not those that this program knows.</summary>
    OtherTables,

    /// <summary>It does not answer, or is not there.</summary>
    Away,
}

/// <summary>The database was found unusable before anything was asked of it.</summary>
public sealed class DatabaseUnavailableException(DatabaseTrouble trouble) : Exception(trouble.Words())
{
    public DatabaseTrouble Trouble { get; } = trouble;
}

/// <summary>The words for it, the same on every page and in every answer.</summary>
public static class DatabaseTroubleWords
{
    /// <summary>What is wrong, in one sentence.</summary>
    public static string Words(this DatabaseTrouble trouble) => trouble switch
    {
        DatabaseTrouble.Busy => "The database is busy.",
        DatabaseTrouble.Full => "The disk of the database is full.",
        DatabaseTrouble.ReadOnly => "The database can be read, but not written.",
        DatabaseTrouble.Broken => "The database is damaged.",
        DatabaseTrouble.OtherTables => "The tables of the database are not those of this version of TaskSync.",
        _ => "The database does not answer.",
    };

    /// <summary>What to do about it, for whoever uses TaskSync.</summary>
    public static string Advice(this DatabaseTrouble trouble) => trouble switch
    {
        DatabaseTrouble.Busy or DatabaseTrouble.Away => "Please try again in a moment.",
        DatabaseTrouble.Full => "Tell your administrator: there has to be room on it. Then try again.",
        DatabaseTrouble.Broken => "Tell your administrator: it has to be repaired, or a backup restored.",
        _ => "Tell your administrator: it has to be put right. Then try again.",
    };
}
