using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;

namespace TaskSync.Sync.Tasks;

/// <summary>Makes what is stored readable, the same way in the task dialog and in My sync.</summary>
internal static class Cards
{
    public static ConflictCard Of(Conflict conflict, string title, FieldWords words) => new(
        conflict.Id, conflict.TaskId, title, conflict.Field, conflict.Field.DisplayName(),
        words.Show(conflict.Field, conflict.OurValue), words.Show(conflict.Field, conflict.TheirValue), conflict.Winner, conflict.At);

    public static ProblemCard Of(Problem problem, string? title) => new(
        problem.Id, problem.TaskId, title ?? (problem.SalesforceId is { } row ? $"Salesforce task {row}" : null), problem.Code, ProblemTexts.For(problem.Code, problem.Message), problem.Message,
        problem.State, problem.FirstSeenAt, problem.LastSeenAt, problem.Times);

    /// <summary>Words that know the names of these records, as far as this person's list does.</summary>
    public static async Task<FieldWords> WordsAsync(this TaskSyncDb db, Guid personId, TimeZoneInfo zone, IEnumerable<string?> ids, CancellationToken cancellationToken)
    {
        var wanted = ids.OfType<string>().Distinct().ToList();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        if (wanted.Count > 0)
        {
            var mine = db.Tasks.AsNoTracking().Where(t => t.PersonId == personId);
            foreach (var record in await mine.Where(t => wanted.Contains(t.WhoId!) && t.WhoName != null).Select(t => new { Id = t.WhoId!, Name = t.WhoName! }).Distinct()
                .Concat(mine.Where(t => wanted.Contains(t.WhatId!) && t.WhatName != null).Select(t => new { Id = t.WhatId!, Name = t.WhatName! }).Distinct())
                .ToListAsync(cancellationToken))
            {
                names[record.Id] = record.Name;
            }
        }

        return new FieldWords(zone, names);
    }
}
