using System.Text.RegularExpressions;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Soql;

namespace TaskSync.Simulator.Writing;

/// <summary>Runs the customer's own triggers and validation rules around the saving of a Task, in that order, as the platform does.</summary>
internal sealed partial class Automation(OrgStore store)
{
    /// <summary>Lets triggers change the task.</summary>
    public void RunTriggers(Row task)
    {
        foreach (var trigger in store.Settings.Triggers)
            if (Meets(task, trigger.When))
                task[task.Type[trigger.Field]] = Fill(task, trigger.Value);
    }

    /// <summary>Throws the first violated rule's message.</summary>
    public void Validate(Row task)
    {
        foreach (var rule in store.Settings.ValidationRules)
            if (Meets(task, rule.When))
                throw new ApiException(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.Message, rule.Field is { } field ? [field] : []);
    }

    /// <summary>Throws when the condition is no good, so that it is noticed when a rule is added and not at the next save.</summary>
    public void CheckCondition(string condition) => Compile(condition);

    private bool Meets(Row task, string condition) => Compile(condition)(task);

    private Func<Row, bool> Compile(string condition)
    {
        var today = DateOnly.FromDateTime(store.Now.UtcDateTime);
        var admin = new Viewer(store, store[store.Schema.User].Rows.First(user => user.Is("$ModifyAllData")));
        return new Predicates(condition, name => FieldPath.Bind(store, admin, store.Schema.Task, name, null, condition), TimeZoneInfo.Utc, today)
            .Compile(Parser.ParseCondition(condition));
    }

    private static string? Fill(Row task, string? template) => template is null ? null
        : Placeholder().Replace(template, match => task.Type.Find(match.Groups[1].Value) is { } field ? task[field]?.ToString() ?? "" : match.Value) is { Length: > 0 } text ? text : null;

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
