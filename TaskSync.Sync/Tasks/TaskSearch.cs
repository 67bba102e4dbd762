using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Finds tasks that hold every word of a search in subject, details or names, whatever the case.</summary>
internal static class TaskSearch
{
    private const string Escape = "\\";
    private const int MaxLength = 200;
    private const int MaxWords = 8;

    /// <summary>The search as it is used: one line, trimmed; null when there is nothing to search for.</summary>
    public static string? Clean(string? search)
    {
        var words = Words(search ?? "");
        return words.Length == 0 ? null : string.Join(' ', words);
    }

    public static async Task<IQueryable<TaskItem>> SearchAsync(this IQueryable<TaskItem> tasks, TaskSyncDb db, string? search, CancellationToken cancellationToken)
    {
        if (search is null)
        {
            return tasks;
        }

        await db.KnowEveryLetterAsync(cancellationToken);
        foreach (var word in Words(search))
        {
            tasks = tasks.Where(Holds($"%{Literal(word.ToLowerInvariant())}%"));
        }

        return tasks;
    }

#pragma warning disable CA1304, CA1311, CA1862 // Translated to SQL, where case is the database's.
    private static Expression<Func<TaskItem, bool>> Holds(string pattern) => task =>
        EF.Functions.Like(TaskSyncDb.Lower(task.Subject)!, pattern, Escape)
        || EF.Functions.Like(TaskSyncDb.Lower(task.Details)!, pattern, Escape)
        || EF.Functions.Like(TaskSyncDb.Lower(task.WhoName)!, pattern, Escape)
        || EF.Functions.Like(TaskSyncDb.Lower(task.WhatName)!, pattern, Escape);
#pragma warning restore CA1304, CA1311, CA1862

    private static string[] Words(string search)
    {
        return [.. Texts.Storable(string.Concat(Texts.Fit(search, MaxLength).Select(c => char.IsControl(c) ? ' ' : c)))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(MaxWords)];
    }

    private static string Literal(string word) => word
        .Replace(Escape, Escape + Escape, StringComparison.Ordinal)
        .Replace("%", Escape + "%", StringComparison.Ordinal)
        .Replace("_", Escape + "_", StringComparison.Ordinal)
        .Replace("[", Escape + "[", StringComparison.Ordinal);
}
