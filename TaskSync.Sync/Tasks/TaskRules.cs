using System.Globalization;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Tasks;

/// <summary>What a task field can hold. Pure, so that the form can ask while somebody types.</summary>
public static class TaskRules
{
    private const string ContactPrefix = "003";
    private const string LeadPrefix = "00Q";

    /// <summary>The draft as it would be stored: texts without white space at their ends, as Salesforce stores them, subject on one line, ids of 18 characters, empty text null.</summary>
    public static TaskDraft Clean(TaskDraft draft)
    {
        var values = TaskValues.Of(field => Clean(field.Kind, draft.Values[field.Field]));
        return new TaskDraft
        {
            Values = values,
            WhoName = values[TaskField.Person] is null ? null : Name(draft.WhoName),
            WhatName = values[TaskField.RelatedTo] is null ? null : Name(draft.WhatName),
        };
    }

    /// <summary>The texts among the values as they would be stored. Salesforce trims them: what is here in another form would come back as an edit made there.</summary>
    public static TaskValues Clean(TaskValues values) =>
        values.Known.Entries().Where(field => field.Kind is FieldKind.Text or FieldKind.LongText or FieldKind.Picklist)
            .Aggregate(values, (clean, field) => clean.With(field.Field, Clean(field.Kind, clean[field.Field])));

    private static string? Clean(FieldKind kind, string? text) => kind switch
    {
        FieldKind.Date or FieldKind.Instant => text,
        FieldKind.LongText => Texts.Lines(text),
        FieldKind.Record => Id(text),
        _ => Texts.OneLine(text),
    };

    /// <summary>What is wrong with a new task; empty when it can be saved. Messages say what to do.</summary>
    public static IReadOnlyList<FieldError> Check(TaskDraft draft, OrgSchema schema) => Check(draft, schema, TaskFields.All);

    /// <summary>The same for some fields only: an edit is not refused for a value that was there before.</summary>
    public static IReadOnlyList<FieldError> Check(TaskDraft draft, OrgSchema schema, TaskFields fields)
    {
        var clean = Clean(draft);
        var errors = new List<FieldError>();
        foreach (var field in fields.Entries())
        {
            if (Problem(field, clean.Values[field.Field], schema) is { } message)
            {
                errors.Add(new FieldError(field.Field, message));
            }
        }

        // Both fields are fine by themselves, so the pair is looked at when either was touched.
        if ((fields & (TaskFields.Person | TaskFields.RelatedTo)) != 0
            && clean is { WhoId: { } who, WhatId: not null } && IsLead(who)
            && !errors.Any(e => e.Field is TaskField.Person or TaskField.RelatedTo))
        {
            errors.Add(new FieldError(TaskField.RelatedTo, "Salesforce does not allow Related to together with a lead. Clear Related to, or choose a contact as Person."));
        }

        return errors;
    }

    private static string? Problem(SyncedField field, string? value, OrgSchema schema) => (field.Kind, value) switch
    {
        (_, null) => field.WhenEmpty is { } advice ? $"{field.Name} is empty. {advice}" : null,
        (FieldKind.Choice, _) => Choice(field.Name, value, [.. field.Choices!(schema)]),
        (FieldKind.Date, _) => Range(field.Name, TaskValues.Date(value)!.Value),
        (FieldKind.Instant, _) => Range(field.Name, DateOnly.FromDateTime(TaskValues.Instant(value)!.Value.UtcDateTime)),
        (FieldKind.Record, _) => Record(field, value),
        _ => Text(field.Name, value, field.MaxLength!.Value),
    };

    private static string? Record(SyncedField field, string id) => field.Field switch
    {
        TaskField.Person => IsId(id) && IsPerson(id) ? null : "Person has to be a contact or a lead. Choose one from the list.",
        _ when !IsId(id) => $"{field.Name} has to be a record of Salesforce. Choose one from the list.",
        _ when IsPerson(id) => $"{field.Name} cannot be a person. Choose the contact or lead as Person instead.",
        _ => null,
    };

    private static string? Text(string name, string text, int most) => text switch
    {
        _ when HasLoneSurrogate(text) => $"{name} contains half of a character, as when an emoji is cut in two. Remove it and type it again.",
        _ when text.Length > most => string.Create(CultureInfo.InvariantCulture, $"{name} can be at most {most:N0} characters; this one has {text.Length:N0}."),
        _ => null,
    };

    private static string? Choice(string name, string value, List<string> choices) =>
        choices.Count == 0 || choices.Contains(value) ? null : $"{name} has to be one of: {string.Join(", ", choices)}.";

    private static string? Range(string name, DateOnly day) => day >= SalesforceLimits.FirstDate && day <= SalesforceLimits.LastDate ? null
        : string.Create(CultureInfo.InvariantCulture, $"{name} has to be between {SalesforceLimits.FirstDate:yyyy-MM-dd} and {SalesforceLimits.LastDate:yyyy-MM-dd}.");

    private static bool IsId(string id) => SalesforceId.TryNormalize(id, out _);

    private static bool IsPerson(string id) => SalesforceId.HasPrefix(id, ContactPrefix) || IsLead(id);

    private static bool IsLead(string id) => SalesforceId.HasPrefix(id, LeadPrefix);

    /// <summary>In 18 characters; what is no id stays as it is, for <see cref="Check(TaskDraft, OrgSchema)"/> to refuse.</summary>
    private static string? Id(string? text) => SalesforceId.TryNormalize(text?.Trim(), out var id) ? id : NullIfEmpty(text?.Trim());

    /// <summary>A name is only shown, never sent: too long a one is cut instead of refused.</summary>
    private static string? Name(string? name) => Texts.Fitting(name, SalesforceLimits.LongestWord);

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
