using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace TaskSync.Tests.Support;

/// <summary>Compares every text with the length of its column before it is saved. SQLite stores any length, so that nobody would notice there what a server refuses.</summary>
internal sealed class LengthCheck : SaveChangesInterceptor
{
    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Check(eventData.Context!);
        return ValueTask.FromResult(result);
    }

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Check(eventData.Context!);
        return result;
    }

    private static void Check(DbContext db)
    {
        var tooLong =
            from entry in db.ChangeTracker.Entries()
            where entry.State is EntityState.Added or EntityState.Modified
            from property in entry.Properties
            where property.Metadata.GetMaxLength() < Stored(property.Metadata.GetValueConverter()?.ConvertToProvider(property.CurrentValue) ?? property.CurrentValue)
            select $"{entry.Metadata.DisplayName()}.{property.Metadata.Name}";
        if (tooLong.FirstOrDefault() is { } column)
        {
            throw new TextTooLongException(column);
        }
    }

    private static int Stored(object? value) => (value as string)?.Length ?? 0;
}

/// <summary>What a server would refuse to store.</summary>
public sealed class TextTooLongException(string column) : InvalidOperationException($"The text for {column} is longer than its column.");
