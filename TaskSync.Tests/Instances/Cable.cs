using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace TaskSync.Tests.Instances;

/// <summary>The network between an instance and its database. It can be pulled out, silently or with a bang.</summary>
internal sealed class Cable : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<Socket, byte> _sockets = new();
    private readonly int _to;
    private readonly Task _accepting;
    private volatile TaskCompletionSource _isWhole = Whole();

    /// <param name="to">The port of the database.</param>
    public Cable(int to)
    {
        _to = to;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The instance's end.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Nothing gets through any more. What is connected hears nothing, or that the connection is lost.</summary>
    public void Pull(bool silently)
    {
        _isWhole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!silently)
        {
            foreach (var socket in _sockets.Keys)
            {
                socket.Close();
            }
        }
    }

    /// <summary>What was held up arrives.</summary>
    public void Plug() => _isWhole.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        foreach (var socket in _sockets.Keys)
        {
            socket.Close();
        }

        await _accepting;
        _end.Dispose();
    }

    private static TaskCompletionSource Whole()
    {
        var whole = new TaskCompletionSource();
        whole.SetResult();
        return whole;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await _listener.AcceptSocketAsync(_end.Token));
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task CarryAsync(Socket near)
    {
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        (_sockets[near], _sockets[far]) = (0, 0);
        try
        {
            await _isWhole.Task.WaitAsync(_end.Token);
            await far.ConnectAsync(IPAddress.Loopback, _to, _end.Token);
            await Task.WhenAny(CarryAsync(near, far), CarryAsync(far, near));
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It was pulled, or one side has gone.
        }
        finally
        {
            near.Close();
            far.Close();
            _sockets.TryRemove(near, out _);
            _sockets.TryRemove(far, out _);
        }
    }

    private async Task CarryAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReceiveAsync(buffer, _end.Token) is var count and > 0)
        {
            await _isWhole.Task.WaitAsync(_end.Token);
            await to.SendAsync(buffer.AsMemory(0, count), _end.Token);
        }
    }
}
