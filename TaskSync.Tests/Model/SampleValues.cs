using TaskSync.Sync.Model;

namespace TaskSync.Tests.Model;

/// <summary>A value for any field of the table, by its kind.</summary>
internal static class SampleValues
{
    /// <summary>A value of every field.</summary>
    public static TaskValues All => TaskValues.Of(Of);

    public static string Of(SyncedField field) => field.Kind switch
    {
        FieldKind.LongText => "one\n\ttwo \\ \" 𝄞",
        FieldKind.Choice => field.Choices!(OrgSchema.Default).Last(),
        FieldKind.Date => "2028-02-29",
        FieldKind.Instant => "2026-11-24T08:30:59Z",
        FieldKind.Record => field.Field == TaskField.Person ? "003000000000001AAA" : "001000000000001AAA",
        _ => $"{field.Name} & <b> 𝄞",
    };
}
