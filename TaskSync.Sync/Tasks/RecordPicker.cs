using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Tasks;

/// <summary>What a search for Person or Related to found.</summary>
/// <param name="Hits">At most 10 of each type.</param>
/// <param name="Reason">Why nothing could be searched, in words; null when it could.</param>
public sealed record PickerAnswer(IReadOnlyList<RecordHit> Hits, string? Reason);

/// <summary>Searches the rep's Salesforce for the fields Person and Related to.</summary>
public sealed class RecordPicker(IDbContextFactory<TaskSyncDb> databases, SalesforceApi salesforce, SearchLimit limit)
{
    /// <summary>Fewer characters find too much to be worth an API call.</summary>
    public const int MinLength = 2;

    /// <summary>One API call, with the person's own token; none for less than two characters or without a working connection.</summary>
    public async Task<PickerAnswer> SearchAsync(Guid personId, RecordKind kind, string? text, CancellationToken cancellationToken)
    {
        var wanted = text?.Trim() ?? "";
        if (wanted.Length < MinLength)
        {
            return new PickerAnswer([], null);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.LoadRepAsync(personId, cancellationToken) is not { CanCall: true, Connection: { } connection })
        {
            return new PickerAnswer([], "Connect Salesforce in Settings to choose records.");
        }

        if (limit.Refuse(personId) is { } tooOften)
        {
            return new PickerAnswer([], tooOften);
        }

        try
        {
            return new PickerAnswer(await salesforce.SearchAsync(Caller.Unasked(connection.Id), kind, wanted, cancellationToken), null);
        }
        catch (SalesforceCallException)
        {
            return new PickerAnswer([], "Salesforce does not answer right now. You can save the task and choose the record later.");
        }
    }
}
