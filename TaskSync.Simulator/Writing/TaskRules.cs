using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Writing;

/// <summary>What the platform checks, fills in and does around saving a Task.</summary>
internal sealed class TaskRules(OrgStore store)
{
    private readonly TaskType _task = store.Schema.Task;
    private readonly Recurrence _recurrence = new(store);
    private readonly Automation _automation = new(store);

    public void BeforeSave(Row task, Row? before)
    {
        if (before is null)
        {
            task[_task.Status] ??= DefaultOf(store.Schema.TaskStatus);
            task[_task.Priority] ??= DefaultOf(store.Schema.TaskPriority);
            task[_task.TaskSubtype] ??= "Task";
        }
        Derive(task, before);
        _automation.RunTriggers(task);
        CheckPicklists(task, before);
        CheckOwner(task, before);
        CheckWhoAndWhat(task, before);
        if (task.Is(_task.IsRecurrence) && task[_task.ActivityDate] is not null)
            throw Errors.DateOnSeries();
        Derive(task, before);
        _automation.Validate(task);
    }

    /// <summary>Occurrences of a new series, and the successor of a task that repeats when it is completed.</summary>
    public void AfterSave(OrgTransaction transaction, Row task, Row? before)
    {
        if (before is null && task.Is(_task.IsRecurrence))
            _recurrence.CreateOccurrences(transaction, task);
        if (before is not null && task.Is(_task.IsClosed) && !before.Is(_task.IsClosed) && task.Text(_task.RegeneratedType) is { } type && type != Recurrence.Done)
            _recurrence.Regenerate(transaction, task);
    }

    /// <summary>The live tasks that go into the recycle bin together with the record.</summary>
    public IReadOnlyList<Row> DependentsOf(Row row)
    {
        if (row.Type == _task)
            return row.Is(_task.IsRecurrence)
                ? [.. store.Tasks.Rows.Where(t => !t.IsDeleted && !t.Is(_task.IsClosed) && t.Text(_task.RecurrenceActivityId) == row.Id)]
                : [];
        if (row.Type == store.Schema.Account || row.Type == store.Schema.Contact || row.Type == store.Schema.Lead || row.Type == store.Schema.Opportunity)
            return [.. store.Tasks.Rows.Where(t => !t.IsDeleted && (t.Text(_task.WhoId) == row.Id || t.Text(_task.WhatId) == row.Id))];
        return [];
    }

    private string? DefaultOf(ObjectType values) => store[values].Rows.FirstOrDefault(v => v.Is("IsDefault"))?.Text("ApiName");

    /// <summary>The row of TaskStatus or TaskPriority for a value, null for a value the org does not list.</summary>
    private Row? Listed(ObjectType values, string? name) =>
        store[values].Rows.FirstOrDefault(v => string.Equals(v.Text("ApiName"), name, StringComparison.OrdinalIgnoreCase));

    private void CheckPicklists(Row task, Row? before)
    {
        foreach (var field in _task.Fields)
        {
            if (field.Kind != FieldKind.Picklist || task[field] is not string value || Equals(before?[field], value))
                continue;
            if (!field.Restricted && !store.Settings.RestrictedPicklists.Contains(field.Name))
                continue;
            var known = field == _task.Status ? Listed(store.Schema.TaskStatus, value) is not null
                : field == _task.Priority ? Listed(store.Schema.TaskPriority, value) is not null
                : store.ValuesOf(field).Any(v => v.Value == value);
            if (!known)
                throw Errors.BadPicklistValue(field, value);
        }
    }

    private void CheckOwner(Row task, Row? before)
    {
        var owner = task.Text(_task.OwnerId);
        if (owner is null || owner == before?.Text(_task.OwnerId))
            return;
        var row = store.Find(owner);
        if (row is null || (row.Type == store.Schema.Queue && !row.Is("$OwnsTasks")) || (row.Type != store.Schema.User && row.Type != store.Schema.Queue))
            throw Errors.BadOwner();
        if (row.Type == store.Schema.User && !row.Is("IsActive"))
            throw Errors.InactiveOwner(owner);
    }

    private void CheckWhoAndWhat(Row task, Row? before)
    {
        foreach (var field in new[] { _task.WhoId, _task.WhatId })
        {
            if (task.Text(field) is not { } id || id == before?.Text(field))
                continue;
            if (store.Schema.OfId(id) is not { } type || !field.ReferenceTo.Contains(type.Name))
                throw Errors.MalformedId(field, SalesforceId.Short(id));
            if (store.Find(id) is not { IsDeleted: false })
                throw Errors.DanglingReference(id);
        }
        if (store.Find(task.Text(_task.WhoId)) is not { } who || who.Type != store.Schema.Lead)
            return;
        if (who.Is("IsConverted"))
            throw Errors.ConvertedLead();
        if (task.Text(_task.WhatId) is not null)
            throw Errors.LeadWithRelatedTo();
    }

    private void Derive(Row task, Row? before)
    {
        var closed = Listed(store.Schema.TaskStatus, task.Text(_task.Status))?.Is("IsClosed") ?? false;
        task[_task.IsClosed] = closed;
        task[_task.IsHighPriority] = Listed(store.Schema.TaskPriority, task.Text(_task.Priority))?.Is("IsHighPriority") ?? false;
        var wasClosed = before is not null && before.Is(_task.IsClosed);
        task[_task.CompletedDateTime] = !closed ? null : wasClosed ? before![_task.CompletedDateTime] : task[_task.LastModifiedDate];
        task[_task.AccountId] = AccountOf(store.Find(task.Text(_task.WhatId))) ?? AccountOf(store.Find(task.Text(_task.WhoId)));
    }

    private string? AccountOf(Row? related) => related is null ? null
        : related.Type == store.Schema.Account ? related.Id
        : related.Type.Find("AccountId") is { } account ? related.Text(account) : null;
}
