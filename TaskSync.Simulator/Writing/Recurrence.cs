using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Writing;

/// <summary>Repeating tasks: the occurrences of a series, and tasks that come anew when they are completed.</summary>
internal sealed class Recurrence(OrgStore store)
{
    /// <summary>What "repeat this task" says once the next one was made.</summary>
    public const string Done = "RecurrenceRegenerated";

    private readonly TaskType _task = store.Schema.Task;

    /// <summary>Makes one ordinary task per date of the series, as many as Salesforce would at most.</summary>
    public void CreateOccurrences(OrgTransaction transaction, Row series)
    {
        foreach (var date in Dates(series))
        {
            var occurrence = Successor(series, date);
            occurrence[_task.RecurrenceActivityId] = series.Id;
            transaction.Put(occurrence);
        }
    }

    /// <summary>Makes the next task after one that has "Repeat this task" was completed; the completed one stops repeating.</summary>
    public void Regenerate(OrgTransaction transaction, Row done)
    {
        var from = done.Text(_task.RegeneratedType) == "RecurrenceRegenerateAfterDueDate" && done[_task.ActivityDate] is DateOnly due
            ? due : DateOnly.FromDateTime(store.Now.UtcDateTime);
        var next = Successor(done, from.AddDays((int?)done[_task["RecurrenceInterval"]] ?? 1));
        next[_task.RegeneratedType] = done[_task.RegeneratedType];
        next[_task["RecurrenceInterval"]] = done[_task["RecurrenceInterval"]];
        transaction.Put(next);

        var stopped = done.Copy();
        stopped[_task.RegeneratedType] = Done;
        transaction.Put(stopped);
    }

    private Row Successor(Row task, DateOnly due)
    {
        var next = new Row(_task, store.NewId(_task)) { [_task.ActivityDate] = due };
        foreach (var name in new[] { "Subject", "Priority", "IsHighPriority", "OwnerId", "WhoId", "WhatId", "AccountId", "Description", "Type", "TaskSubtype" })
            next[_task[name]] = task[_task[name]];
        next[_task.Status] = store[store.Schema.TaskStatus].Rows.First(s => s.Is("IsDefault")).Text("ApiName");
        next[_task.CreatedDate] = next[_task.LastModifiedDate] = next[_task.SystemModstamp] = store.Now;
        next[_task.CreatedById] = next[_task.LastModifiedById] = task[_task.LastModifiedById];
        return next;
    }

    private IEnumerable<DateOnly> Dates(Row series)
    {
        if (series[_task["RecurrenceStartDateOnly"]] is not DateOnly start)
            return [];
        var end = series[_task["RecurrenceEndDateOnly"]] as DateOnly? ?? start.AddYears(1);
        var interval = Math.Max(1, (int?)series[_task["RecurrenceInterval"]] ?? 1);
        var mask = (int?)series[_task["RecurrenceDayOfWeekMask"]] ?? 0;
        var dayOfMonth = (int?)series[_task["RecurrenceDayOfMonth"]] ?? start.Day;
        var days = Enumerable.Range(0, Math.Max(0, end.DayNumber - start.DayNumber + 1)).Select(start.AddDays);
        return series.Text("RecurrenceType") switch
        {
            "RecursDaily" => days.Where((_, i) => i % interval == 0).Take(100),
            "RecursEveryWeekday" => days.Where(d => d.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)).Take(100),
            "RecursWeekly" => days.Where((d, i) => i / 7 % interval == 0 && (mask >> (int)d.DayOfWeek & 1) == 1).Take(53),
            "RecursMonthly" => days.Where(d => d.Day == Math.Min(dayOfMonth, DateTime.DaysInMonth(d.Year, d.Month))).Where((_, i) => i % interval == 0).Take(60),
            _ => [start],
        };
    }
}
