using System.Text.Json;

namespace TaskSync.Benchmarks.Workers;

/// <summary>Does what the driver asks, in a process of its own.</summary>
internal interface IWorker : IAsyncDisposable
{
    Task<Reply> DoAsync(Order order);
}

/// <summary>A worker's side of the pipe.</summary>
internal static class WorkerLoop
{
    /// <summary>Answers line by line until the driver closes the pipe.</summary>
    public static async Task RunAsync(IWorker worker)
    {
        await using (worker)
        {
            while (await Console.In.ReadLineAsync() is { } line)
            {
                await Console.Out.WriteLineAsync(JsonSerializer.Serialize(await AnswerAsync(worker, line), Order.Json));
            }
        }
    }

    private static async Task<Reply> AnswerAsync(IWorker worker, string line)
    {
        try
        {
            return await worker.DoAsync(JsonSerializer.Deserialize<Order>(line, Order.Json)!);
        }
        catch (Exception failure)
        {
            return new Reply { Error = failure.ToString() };
        }
    }
}
