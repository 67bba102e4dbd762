using System.Globalization;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Shows canonical values as people read them: dates with the weekday, reminders in the rep's zone, records by name.</summary>
/// <param name="zone">The rep's time zone.</param>
/// <param name="names">Names of records by id, as far as they are known.</param>
internal sealed class FieldWords(TimeZoneInfo zone, IReadOnlyDictionary<string, string> names)
{
    public const string Empty = "–";

    private const string DayFormat = "ddd d MMM yyyy";

    public static string Day(DateOnly day) => day.ToString(DayFormat, CultureInfo.InvariantCulture);

    public string Moment(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, zone).ToString(DayFormat + " HH:mm", CultureInfo.InvariantCulture);

    public string Show(TaskField field, string? value) => (field.Entry().Kind, value) switch
    {
        (_, null or "") => Empty,
        (FieldKind.Date, _) => Day(TaskValues.Date(value)!.Value),
        (FieldKind.Instant, _) => Moment(TaskValues.Instant(value)!.Value),
        (FieldKind.Record, _) => names.GetValueOrDefault(value, value),
        _ => value,
    };

    public ChangeLine Line(FieldChange change) => new(change.Field, change.Field.DisplayName(), Show(change.Field, change.Before), Show(change.Field, change.After));
}
