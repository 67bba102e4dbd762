using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.ExceptionServices;
using TaskSync.Tests.Salesforce;

namespace TaskSync.Tests.Web;

/// <summary>Where something that the app was told can turn up.</summary>
internal enum Place
{
    Log,
    Trace,
    Metric,
    Exception,
    Redirect,
    Page,
    Database,
}

/// <summary>Listens to everything that leaves the app while it runs: logs of every category and level, traces, metrics, exceptions. A test adds pages and redirects.</summary>
internal sealed class Overheard : IDisposable
{
    private readonly ConcurrentQueue<(Place Place, string Text)> _heard = new();
    private readonly ActivityListener _traces;
    private readonly MeterListener _metrics = new();

    public Overheard()
    {
        _traces = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Hear,
        };
        ActivitySource.AddActivityListener(_traces);
        AppDomain.CurrentDomain.FirstChanceException += Hear;
        _metrics.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        ListenTo<byte>();
        ListenTo<short>();
        ListenTo<int>();
        ListenTo<long>();
        ListenTo<float>();
        ListenTo<double>();
        ListenTo<decimal>();
        _metrics.Start();
    }

    public LogSink Logs { get; } = new();

    public void Add(Place place, string text) => _heard.Enqueue((place, text));

    /// <summary>Everything so far.</summary>
    public IReadOnlyList<(Place Place, string Text)> All()
    {
        _metrics.RecordObservableInstruments();
        return [.. Logs.Lines.Select(line => (Place.Log, line)), .. _heard];
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.FirstChanceException -= Hear;
        _traces.Dispose();
        _metrics.Dispose();
        Logs.Dispose();
    }

    private void Hear(Activity activity) => Add(
        Place.Trace,
        $"{activity.Source.Name} {activity.OperationName} {activity.DisplayName} {activity.StatusDescription} {activity.TraceStateString} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Baggage)} "
            + string.Join(' ', activity.Events.Select(e => $"{e.Name} {string.Join(' ', e.Tags)}")));

    private void Hear(object? sender, FirstChanceExceptionEventArgs thrown) => Add(Place.Exception, thrown.Exception.ToString());

    private void ListenTo<T>()
        where T : struct => _metrics.SetMeasurementEventCallback<T>((instrument, _, tags, _) => Add(Place.Metric, $"{instrument.Meter.Name} {instrument.Name} {string.Join(' ', tags.ToArray())}"));
}
