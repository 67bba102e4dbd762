using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using static TaskSync.Tests.Reconciliation.Sides;

namespace TaskSync.Tests.Reconciliation;

/// <summary>
/// One random story of one task: people act on both sides while requests and their answers are lost, late or refused, pages are old and instances take over.
/// Afterwards everything comes to rest, and what must hold is asked. A seed repeats it.
/// </summary>
internal sealed partial class Interleaving
{
    private const int MostValues = 60;
    private static readonly TimeSpan LandsWithin = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan CallTime = TimeSpan.FromSeconds(30);

    /// <summary>A page is applied so long after it was read, or never: a call takes half a minute at most.</summary>
    private static readonly TimeSpan OldestPage = TimeSpan.FromMinutes(3);

    private static readonly string[] Names = [.. Enumerable.Range(0, MostValues).Select(i => $"v{i}")];
    private static readonly TaskField[] Fields = [TaskField.Subject, TaskField.Priority];
    private static readonly TimeSpan[] Steps = [.. new[] { 0.001, 0.3, 1.1, 3.2, 7, 20, 45, 150, 700 }.Select(TimeSpan.FromSeconds)];
    private static readonly OrgSchema[] Schemas = [.. Enum.GetValues<KeyPlace>().Select(place => OrgSchema.Default with { Key = place })];

    private readonly List<string>? _log;
    private readonly OrgSchema _schema;
    private readonly ModelOrg _org;
    private readonly ModelHere _here;
    private readonly ConflictPolicyKind _policy;
    private readonly TimeSpan _offset;

    /// <summary>Requests that nobody waits for, and that may still be carried out.</summary>
    private readonly List<ModelRequest> _hung = [];

    /// <summary>Pages that were read and not yet applied.</summary>
    private readonly List<Reading> _pages = [];

    /// <summary>The request whose answer the running instance waits for.</summary>
    private ModelRequest? _running;

    private Dice _dice;
    private DateTimeOffset _now = Noon;
    private DateTimeOffset _polledAt = Noon;
    private int _values;
    private int _sends;
    private bool _isQuiet;

    private Interleaving(ulong seed, List<string>? log)
    {
        (_log, _dice) = (log, new Dice(seed));
        _schema = Schemas[_dice.Next(Schemas.Length)];
        _org = new ModelOrg(_schema.Key);
        _policy = _dice.OneIn(5) ? (ConflictPolicyKind)_dice.Next(3) : ConflictPolicyKind.NewestWins;
        _offset = TimeSpan.FromMinutes((_dice.Next(3) - 1) * 3);
        var values = TaskValues.Unknown.With(TaskField.Subject, "Call Ana").With(TaskField.Priority, "Normal");
        var counterpart = new Counterpart { Key = TaskKey.Start + new string('0', 32) };
        var task = new OurTask(values, FieldTimes.None, null, 1);
        Tick(TimeSpan.Zero);
        if (_dice.OneIn(2))
        {
            var row = _org.Insert(values, counterpart.Key).Shown;
            counterpart = counterpart with { SalesforceId = row.Id, Agreed = values, NewestSeen = row.SystemModstamp };
        }

        _here = new ModelHere(counterpart, task, log);
        if (counterpart.SalesforceId is null)
        {
            _here.Queue(_now);
        }

        _log?.Add($"key {_schema.Key}, {_policy}, offset {_offset.TotalMinutes} min, {(counterpart.SalesforceId is null ? "not sent yet" : "linked")}");
    }

    private string At => $"{_now:HH:mm:ss.fff}";

    private Judge Judge => new(new Clocks(_now, _offset, LandsWithin), _policy);

    /// <summary>Plays the story of a seed.</summary>
    /// <returns>What does not hold; null when all does.</returns>
    public static string? Play(ulong seed, List<string>? log = null)
    {
        var story = new Interleaving(seed, log);
        try
        {
            story.Happen();
            story.ComeToRest();
            return story.Wrong();
        }
        catch (InvalidOperationException e)
        {
            return e.ToString();
        }
    }

    private void Happen()
    {
        for (var steps = 6 + _dice.Next(8); steps > 0; steps--)
        {
            Tick(Steps[_dice.Next(Steps.Length)]);
            Step();
            Check();
        }
    }

    private void Step()
    {
        switch (_dice.Next(20))
        {
            case < 3:
                ActHere();
                break;
            case < 7:
                ActThere();
                break;
            case < 9:
                Land();
                break;
            case < 11:
                TakePage();
                break;
            case < 12:
                ApplyPage();
                break;
            case < 13:
                ReadById();
                break;
            case < 15:
                Poll();
                break;
            case 15 when _here.IsParked:
                Answer();
                break;
            default:
                Push();
                break;
        }
    }

    private void Tick(TimeSpan time)
    {
        _now += time;
        _org.Now = _now + _offset;
        if (_running is { } running && _now > running.Attempt.Deadline)
        {
            // The call is given up: nobody knows its outcome.
            Lose(running, isRecorded: true);
        }

        _hung.RemoveAll(request => request.Attempt.SentAt + LandsWithin < _now);
    }

    /// <summary>Applies a reading, and reads again what it could not tell.</summary>
    private void Apply(Reading reading)
    {
        // A log has no values: what was edited before the deletion shows only when an undelete of ours that hung brings the row back, and then with its stamp.
        _isTimeBlurred |= _here.Counterpart.Attempts.Any(a => a.Kind == WriteKind.Undelete)
            && reading.Rows.Any(row => row.Values.Known == TaskFields.None && (ModelHere.BitsOf(_org.Find(row.Id)!.Shown.Values) & ~_here.Seen) != 0);
        var again = _here.Apply(reading, Judge);
        if (again.Count > 0)
        {
            List<RemoteTask> rows = [.. _org.Rows.Where(row => !row.IsPurged && again.Contains(row.Shown.Id)).Select(row => row.Shown)];
            _here.Apply(Read(ReadKind.Present, rows) with { BeganAt = reading.BeganAt is null ? null : _now }, Judge);
        }
    }

    private Reading Read(ReadKind kind, IReadOnlyList<RemoteTask> rows) => new(kind, rows, ModelOrg.Rep, _schema) { EntryFloor = DateTimeOffset.MinValue };

    private RemoteTask? Linked => _org.Find(_here.Counterpart.SalesforceId) is { IsPurged: false } row ? row.Shown : null;
}
