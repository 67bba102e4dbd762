using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;

namespace TaskSync.Tests.Reconciliation;

/// <summary>One row of the model's Salesforce.</summary>
internal sealed class ModelRow(RemoteTask shown)
{
    /// <summary>As a read shows it now.</summary>
    public RemoteTask Shown { get; set; } = shown;

    /// <summary>It has left the recycle bin for good.</summary>
    public bool IsPurged { get; set; }

    public bool IsLive => !Shown.IsDeleted;
}

/// <summary>A request on its way to Salesforce.</summary>
internal sealed class ModelRequest(WriteAttempt attempt, string? id, string key)
{
    public WriteAttempt Attempt { get; } = attempt;

    public string? Id { get; } = id;

    public string Key { get; } = key;

    /// <summary>For an undelete: the row was just seen.</summary>
    public bool IsInBin { get; init; }

    /// <summary>The call reads the row before it writes it.</summary>
    public bool Reads { get; init; }

    /// <summary>What that read showed.</summary>
    public RemoteTask? Stirred { get; set; }

    /// <summary>What became of it; null until it was carried out.</summary>
    public Answer? Answer { get; set; }

    /// <summary>Values it covered that nobody here had seen.</summary>
    public ulong Covered { get; set; }

    /// <summary>Somebody there had done something that nobody here had seen.</summary>
    public bool IsOverUnseen { get; set; }

    /// <summary>An undelete met another task with its key.</summary>
    public bool HasClashed { get; set; }
}

/// <summary>A tiny Salesforce. Its rows are all that was ever made for one task.</summary>
internal sealed class ModelOrg(KeyPlace key)
{
    public const string Rep = "005000000000001AAA";
    public const string Colleague = "005000000000002AAA";

    private static readonly string[] DeedNames = [.. Enumerable.Range(0, 100).Select(i => $"{i}")];

    public List<ModelRow> Rows { get; } = [];

    /// <summary>How many things people have done to the rows; a row shows the last one that was done to it.</summary>
    public int Deeds { get; private set; }

    /// <summary>Salesforce's clock.</summary>
    public DateTimeOffset Now { get; set; }

    private DateTimeOffset Stamp => new(Now.Ticks - (Now.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    public int LiveRows => Rows.Count(row => row.IsLive);

    public ModelRow? Find(string? id) => Rows.Find(row => row.Shown.Id == id);

    /// <summary>The row that the people in Salesforce see and act on: the live one, else the newest.</summary>
    public ModelRow? Newest => Rows.Find(row => row.IsLive) ?? Rows.FindLast(row => !row.IsPurged);

    public ModelRow Insert(TaskValues values, string? keyValue)
    {
        var row = new ModelRow(new RemoteTask
        {
            Id = $"00T00000000000{Rows.Count + 1}AAA",
            Key = key == KeyPlace.None ? null : keyValue,
            Values = values,
            OwnerId = Rep,
            CreatedById = Rep,
            CreatedDate = Stamp,
            LastModifiedDate = Stamp,
            SystemModstamp = Stamp,
        });
        Rows.Add(row);
        return row;
    }

    public void Edit(ModelRow row, TaskValues values) => Touch(row, row.Shown with { Values = row.Shown.Values.Overlay(values) });

    public void Delete(ModelRow row) => Touch(row, row.Shown with { IsDeleted = true });

    public void Give(ModelRow row, string owner) => Touch(row, row.Shown with { OwnerId = owner });

    /// <summary>A person changes a row.</summary>
    public void Do(ModelRow row, Action deed)
    {
        deed();
        row.Shown = row.Shown with { WhoName = DeedNames[++Deeds] };
    }

    /// <summary>False when a unique key is taken by another row.</summary>
    public bool Undelete(ModelRow row)
    {
        if (key == KeyPlace.KeyField && row.Shown.Key is not null && Rows.Exists(other => other.IsLive && other.Shown.Key == row.Shown.Key))
        {
            return false;
        }

        Touch(row, row.Shown with { IsDeleted = false });
        return true;
    }

    /// <summary>Carries out a request, and answers.</summary>
    public void CarryOut(ModelRequest request)
    {
        var row = Find(request.Id);
        request.Stirred = request.Reads && row is { IsPurged: false } ? row.Shown : null;
        request.Answer = request.Attempt.Kind switch
        {
            WriteKind.Create => Create(request),
            WriteKind.Undelete => TakeOutOfBin(request, row!),
            _ when !row!.IsLive => new Answer.Gone(),
            WriteKind.Update => Write(row, () => Edit(row, request.Attempt.Values), request),
            _ => Write(row, () => Delete(row), request),
        };
    }

    private Answer Create(ModelRequest request) =>
        key == KeyPlace.KeyField && Rows.Find(other => other.IsLive && other.Shown.Key == request.Key) is { } taken
            ? new Answer.Duplicate(taken.Shown.Id)
            : new Answer.Written(Insert(request.Attempt.Values, request.Key).Shown.Id, request.Attempt.Values.Known);

    private Answer TakeOutOfBin(ModelRequest request, ModelRow row)
    {
        if (row.IsLive || row.IsPurged)
        {
            return new Answer.NotRestorable(key == KeyPlace.KeyField);
        }

        request.HasClashed = !Undelete(row);
        return request.HasClashed ? new Answer.NotRestorable(key == KeyPlace.KeyField) : new Answer.Restored();
    }

    private static Answer.Written Write(ModelRow row, Action write, ModelRequest request)
    {
        write();
        return new Answer.Written(row.Shown.Id, request.Attempt.Values.Known);
    }

    private void Touch(ModelRow row, RemoteTask changed) => row.Shown = changed with { LastModifiedDate = Stamp, SystemModstamp = Stamp };
}
