using System.Text.Json;
using TaskSync.Simulator.Faults;
using TaskSync.Simulator.OAuth;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Rest;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Seed;
using TaskSync.Simulator.Setup;
using TaskSync.Simulator.Soql;
using TaskSync.Simulator.Writing;

namespace TaskSync.Simulator.Inside;

/// <summary>One org with all its parts, read from its journal or founded anew.</summary>
internal sealed class SimulatorCore : IDisposable
{
    private const string FileName = "org.jsonl";

    private readonly Journal _journal = new();

    private SimulatorCore(SimulatorOptions options)
    {
        Options = options;
        Store = new OrgStore(new OrgSchema(options.HasKeyField), _journal, options);
        Records = new Records(Store, options);
        Grants = new Grants(Store, options, _journal);
        Platform = new Platform(Store, Records, new QueryRunner(Store, options), new Cursors(Store), new ApiUsage(options.TimeProvider, options.DailyApiLimit), options);
        Founding = new Founding(Store, options);
        if (options.FaultSeed is { } seed)
            Faults.UseSeed(seed, options.FaultRate);
    }

    public SimulatorOptions Options { get; }
    public OrgStore Store { get; }
    public Records Records { get; }
    public Grants Grants { get; }
    public Platform Platform { get; }
    public Founding Founding { get; }
    public CallLog Calls { get; } = new();
    public FaultList Faults { get; } = new();

    /// <param name="options">How to run it.</param>
    /// <param name="directory">Folder of the journal, made if needed; null keeps everything in memory.</param>
    public static SimulatorCore Open(SimulatorOptions options, string? directory)
    {
        var core = new SimulatorCore(options);
        var path = directory is null ? null : Path.Combine(Directory.CreateDirectory(directory).FullName, FileName);
        lock (core.Store.Gate)
        {
            if (path is null || !core.Load(path))
                core.Found();
            if (path is not null)
                core.StartJournal(path);
        }
        return core;
    }

    public void Dispose() => _journal.Dispose();

    private void Found()
    {
        Founding.Run();
        if (Options.Seed)
            new DemoData(Store, Records).Run();
    }

    /// <summary>False when there is no journal, or none of an org that was ever complete.</summary>
    private bool Load(string path)
    {
        var any = false;
        foreach (var (kind, value) in Journal.Read(path))
        {
            any = true;
            switch (kind)
            {
                case "settings": Store.Settings = value.Deserialize<OrgSettings>()!; break;
                case "row": Store.Place(ReadRow(value)); break;
                case "purged": ReadPurged(value.GetProperty("id").GetString()!, value.GetProperty("at").GetDateTimeOffset()); break;
                case "removed": Remove(value.GetString()!); break;
                case "deleteLogCleared": Store.Deletions.Clear(value.GetDateTimeOffset()); break;
                case "grant": Grants.Restore(value.Deserialize<Grant>()!); break;
                case "session": Grants.Restore(value.Deserialize<Session>()!); break;
            }
        }
        return any;
    }

    /// <summary>Writes what there is into a fresh file, puts it in the old one's place, and goes on there.</summary>
    private void StartJournal(string path)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var compact = new Journal())
        {
            compact.Start(fresh);
            Store.WriteAll(compact);
            Grants.WriteAll(compact);
            compact.Flush();
        }
        File.Move(fresh, path, overwrite: true);
        _journal.Start(path);
    }

    private Row ReadRow(JsonElement json)
    {
        var type = Store.Schema.Find(json.GetProperty("$").GetString()!)!;
        var row = new Row(type, json.GetProperty("Id").GetString()!);
        foreach (var property in json.EnumerateObject())
            if (type.Find(property.Name) is { } field && FieldValue.TryRead(field, property.Value, out var value))
                row[field] = value;
        return row;
    }

    private void ReadPurged(string id, DateTimeOffset at)
    {
        Remove(id);
        Store.Deletions.Record(id, at);
    }

    private void Remove(string id)
    {
        if (Store.Find(id) is { } row)
            Store.Displace(row);
        Store.ReserveNumbers(SalesforceId.Number(id));
    }
}
