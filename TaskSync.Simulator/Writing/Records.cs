using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator.Writing;

/// <summary>Creating, changing, deleting and undeleting records the way the platform does it, whoever asks: API, page or test.</summary>
internal sealed class Records(OrgStore store, SimulatorOptions options)
{
    private readonly TaskRules _tasks = new(store);

    public Row Create(OrgTransaction transaction, Viewer viewer, ObjectType type, IReadOnlyDictionary<Field, object?> values, AuditStamps? audit = null)
    {
        var now = store.Now;
        var row = new Row(type, store.NewId(type));
        foreach (var (field, value) in values)
            row[field] = Clean(field, value);
        if (type.Owner is { } owner)
            row[owner] ??= viewer.UserId;
        row[type.CreatedDate] = (audit?.CreatedDate ?? now).ToSecond();
        row[type.CreatedById] = viewer.UserId;
        Stamp(row, viewer, now, audit);
        Check(row, null);
        transaction.Put(row);
        if (type == store.Schema.Task)
            _tasks.AfterSave(transaction, row, null);
        return row;
    }

    public Row Update(OrgTransaction transaction, Viewer viewer, Row before, IReadOnlyDictionary<Field, object?> values, AuditStamps? audit = null)
    {
        Demand(viewer, before);
        var row = before.Copy();
        foreach (var (field, value) in values)
            row[field] = Clean(field, value);
        if (audit?.CreatedDate is { } created)
            row[row.Type.CreatedDate] = created.ToSecond();
        Stamp(row, viewer, store.Now, audit);
        Check(row, before);
        transaction.Put(row);
        if (row.Type == store.Schema.Task)
            _tasks.AfterSave(transaction, row, before);
        return row;
    }

    /// <summary>Puts a row into the recycle bin, and with it what hangs on it: a parent's tasks, a series' open occurrences.</summary>
    public void Delete(OrgTransaction transaction, Viewer viewer, Row row, string? because = null)
    {
        Demand(viewer, row);
        var gone = row.Copy();
        gone[row.Type.IsDeleted] = true;
        if (row.Type == store.Schema.Task)
            gone[store.Schema.Task.DeletedWith] = because;
        Stamp(gone, viewer, store.Now, null);
        transaction.Put(gone);
        foreach (var dependent in _tasks.DependentsOf(row))
            Delete(transaction, new Viewer(store, AnyAdministrator), dependent, row.Id);
    }

    /// <summary>Takes a row out of the recycle bin, under its old id, together with what was deleted along with it.</summary>
    public Row Undelete(OrgTransaction transaction, Viewer viewer, Row row)
    {
        if (!row.IsDeleted)
            throw new ApiException(400, "UNDELETE_FAILED", "Entity is not in the recycle bin");
        if (!viewer.Edits(row))
            throw Errors.NotEditable(options.Readings.ReadOnlyRowIs403);
        var back = row.Copy();
        back[row.Type.IsDeleted] = false;
        if (row.Type == store.Schema.Task)
            back[store.Schema.Task.DeletedWith] = null;
        Stamp(back, viewer, store.Now, null);
        CheckUnique(back);
        transaction.Put(back);
        foreach (var task in store.Tasks.Rows.Where(t => t.IsDeleted && t.Text(store.Schema.Task.DeletedWith) == row.Id).ToList())
            Undelete(transaction, new Viewer(store, AnyAdministrator), task);
        return back;
    }

    /// <summary>A change by the platform itself (archiving, say): SystemModstamp moves, LastModifiedDate and its author do not.</summary>
    public Row ChangeBySystem(OrgTransaction transaction, Row before, Field field, object? value)
    {
        var row = before.Copy();
        row[field] = value;
        row[row.Type.SystemModstamp] = store.Now;
        transaction.Put(row);
        return row;
    }

    private Row AnyAdministrator => store[store.Schema.User].Rows.First(user => user.Is("$ModifyAllData"));

    private void Demand(Viewer viewer, Row row)
    {
        if (row.IsDeleted)
            throw Errors.Deleted(options.Readings.DeletedRowIs404);
        if (!viewer.Edits(row))
            throw Errors.NotEditable(options.Readings.ReadOnlyRowIs403);
        if (store.Held.Exists(held => held.Locks(row.Id)))
            throw Errors.RowLocked();
    }

    private static void Stamp(Row row, Viewer viewer, DateTimeOffset now, AuditStamps? audit)
    {
        row[row.Type.LastModifiedDate] = (audit?.LastModifiedDate ?? now).ToSecond();
        row[row.Type.LastModifiedById] = viewer.UserId;
        var modified = (DateTimeOffset)row[row.Type.LastModifiedDate]!;
        var system = (audit?.SystemModstamp ?? audit?.LastModifiedDate ?? now).ToSecond();
        row[row.Type.SystemModstamp] = system > modified ? system : modified;
    }

    private object? Clean(Field field, object? value) => value switch
    {
        string text when options.Readings.TrimsText && field.IsText => text.Trim() is { Length: > 0 } trimmed ? trimmed : null,
        null when field.Kind == FieldKind.Boolean => false,
        _ => value,
    };

    private void Check(Row row, Row? before)
    {
        foreach (var field in row.Type.Fields)
        {
            if (row[field] is not string text)
                continue;
            if (field.IsText && field.Length > 0 && text.Length > field.Length)
                throw Errors.TooLong(field, text);
            if (field.Kind == FieldKind.Reference && !Equals(before?[field], text))
                row[field] = Reference(field, text);
        }
        if (row.Type.Find("LastName") is { } last && row.Type.Find("Name") is { } name)
            row[name] = string.Join(' ', new[] { row.Text("FirstName"), row.Text(last) }.Where(part => part is not null));
        if (row.Type == store.Schema.Task)
            _tasks.BeforeSave(row, before);
        var missing = row.Type.Fields.Where(f => row[f] is null && (f.Required || IsRequiredByAdmin(row, f))).Select(f => f.Name).ToList();
        if (missing.Count > 0)
            throw Errors.RequiredMissing(missing);
        CheckUnique(row);
    }

    private bool IsRequiredByAdmin(Row row, Field field) =>
        row.Type == store.Schema.Task && (store.Settings.RequiredFields.Contains(field.Name) || field.Name is "Status" or "Priority" or "OwnerId");

    private static string Reference(Field field, string text)
    {
        if (!SalesforceId.TryNormalize(text, out var id))
            throw Errors.MalformedId(field, text);
        return id;
    }

    private void CheckUnique(Row row)
    {
        foreach (var field in row.Type.Keys)
        {
            if (!field.Unique || row[field] is not string value)
                continue;
            var taken = store[row.Type].WithKey(field, value)
                .FirstOrDefault(other => other.Id != row.Id && (!other.IsDeleted || options.Readings.RecycleBinHoldsUniqueValues));
            if (taken is not null)
                throw Errors.Duplicate(field, taken.Id);
            if (store.Held.Exists(held => held.HoldsKey(field, value)))
                throw Errors.RowLocked();
        }
    }
}
