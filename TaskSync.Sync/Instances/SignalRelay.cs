using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Instances;

/// <summary>
/// Carries signals between instances: what happens here goes into the table, what others wrote there is heard here. An instance that is alone neither writes nor reads.
/// </summary>
public sealed partial class SignalRelay : BackgroundService
{
    /// <summary>The table is read so often where no bell rings.</summary>
    private static readonly TimeSpan ReadInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>And so often where one does: less than what a read looks back.</summary>
    private static readonly TimeSpan NetInterval = TimeSpan.FromSeconds(3);

    /// <summary>What happens within it is written together.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    /// <summary>A write that took so long is written once more: its rows were stamped before it, and readers may have looked past them.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan SayAgain = TimeSpan.FromMinutes(1);

    private readonly Neighbours _neighbours;
    private readonly SignalBoard _board;
    private readonly SignalTable _table;
    private readonly SignalBell _bell;
    private readonly TimeProvider _time;
    private readonly ILogger<SignalRelay> _logger;
    private readonly ConcurrentDictionary<(SignalKind Kind, Guid Subject), byte> _unsaid = new();
    private readonly Channel<bool> _hasUnsaid = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public SignalRelay(Neighbours neighbours, SignalBoard board, SignalTable table, SignalBell bell, TimeProvider time, ILogger<SignalRelay> logger)
    {
        (_neighbours, _board, _table, _bell, _time, _logger) = (neighbours, board, table, bell, time, logger);
        board.Said += Say;
        neighbours.Changed += board.SayWhoIsHere;
        neighbours.Missed += board.HearAll;
    }

    /// <summary>What was said last is written before the app ends.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(WriteAsync, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        await Task.WhenAll(WriteAllAsync(stoppingToken), ReadAllAsync(stoppingToken), RepeatAsync(stoppingToken), _bell.ListenAsync(_neighbours, stoppingToken))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAllAsync(CancellationToken stoppingToken)
    {
        while (await _hasUnsaid.Reader.WaitToReadAsync(stoppingToken))
        {
            await Task.Delay(Gathering, _time, stoppingToken);
            _hasUnsaid.Reader.TryRead(out _);
            if (!await TryAsync(WriteAsync, stoppingToken))
            {
                await Task.Delay(ReadInterval, _time, stoppingToken);
            }
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        List<(SignalKind Kind, Guid Subject)> said = [.. _unsaid.Keys];
        if (said.Count == 0)
        {
            return;
        }

        said.ForEach(one => _unsaid.TryRemove(one, out _));
        var isHeard = false;
        try
        {
            isHeard = await _table.WriteAsync(said, cancellationToken) < Slow;
        }
        finally
        {
            if (!isHeard)
            {
                said.ForEach(one => Say(one.Kind, one.Subject));
            }
        }
    }

    private async Task ReadAllAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ReadInterval, _time);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        var (rung, readAt) = (_bell.Rung, _time.GetUtcNow());
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAny(tick, rung);
            if (tick.IsCompleted)
            {
                await tick;
                tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
            }

            if (_neighbours.Any && (rung.IsCompleted || !_bell.IsListening || _time.GetUtcNow() - readAt >= NetInterval))
            {
                // Taken before the read: what is written during it rings for the next one.
                (rung, readAt) = (_bell.Rung, _time.GetUtcNow());
                await TryAsync(ReadAsync, stoppingToken);
            }
            else if (rung.IsCompleted)
            {
                rung = _bell.Rung;
            }
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in await _table.ReadAsync(cancellationToken))
        {
            _board.Hear(signal.Kind, signal.Subject);
        }
    }

    /// <summary>Says who is here again before it is forgotten, and throws old rows away.</summary>
    private async Task RepeatAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SayAgain, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (_neighbours.Any)
            {
                _board.SayWhoIsHere();
                await TryAsync(_table.CleanAsync, stoppingToken);
            }
        }
    }

    private void Say(SignalKind kind, Guid subject)
    {
        if (_neighbours.Any)
        {
            _unsaid[(kind, subject)] = 0;
            _hasUnsaid.Writer.TryWrite(true);
        }
    }

    private async Task<bool> TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogFailed(failure.GetType().Name);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Signals between instances wait: {Failure}")]
    private partial void LogFailed(string failure);
}
