using System.Globalization;
using TaskSync.Simulator;
using TaskSync.Simulator.Inside;
using TaskSync.Simulator.Setup;

namespace TaskSync.Benchmarks.Workers;

/// <summary>The simulated Salesforce in a process of its own: it fills itself, counts what is asked of it and tells what it holds.</summary>
internal sealed class OrgWorker : IWorker
{
    private static readonly string Sentence = "Ask for the budget, the dates and who else has to agree. ";
    private SimulatorHost? _host;
    private int _reps;

    public async Task<Reply> DoAsync(Order order)
    {
        if (_host is null)
        {
            _host = await SimulatorHost.StartAsync(new SimulatorOptions { TimeZone = "UTC", DailyApiLimit = 100_000_000 });
        }

        var org = _host.Org;
        switch (order.Do)
        {
            case "start":
                return new Reply { Digest = _host.BaseAddress.ToString().TrimEnd('/') };
            case "rep":
                var user = org.AddUser("Rep", $"Number{++_reps}");
                Fill(org, user.Id, order.Count);
                return new Reply { Access = AccessOf(org, user.Id), Count = order.Count };
            case "access":
                return new Reply { Access = AccessOf(org, order.Access!.UserId) };
            case "calls":
                return new Reply { Count = org.Calls.Total };
            case "digest":
                var tasks = org.Tasks(order.Access!.UserId);
                return new Reply { Digest = Digest.Of(tasks.Select(Values)), Count = tasks.Count };
            case "edit":
                // Every so manieth task of the rep, as somebody does it at Salesforce's own screen.
                var all = org.Tasks(order.Access!.UserId);
                for (var i = 0; i < order.Count; i++)
                {
                    org.UpdateTask(all[(int)((long)i * all.Count / order.Count)].Id, new FieldValues { ["Subject"] = $"edited there {i} {all.Count}" });
                }

                return new Reply { Count = order.Count };
            default:
                throw new ArgumentException($"The org cannot {order.Do}.", nameof(order));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    /// <summary>Tasks of about 0.8 KB on the wire: 15 fields, 310 characters of details.</summary>
    private static void Fill(SimulatedOrg org, string userId, int count)
    {
        var details = string.Concat(Enumerable.Repeat(Sentence, 6))[..310];
        var today = DateOnly.FromDateTime(org.Now.UtcDateTime);

        // Old enough that no read of what is new shows them again, and within the day that a first sync brings.
        var (from, step) = (org.Now.AddHours(-12), TimeSpan.FromHours(10) / Math.Max(1, count));
        for (var i = 0; i < count; i++)
        {
            org.CreateTask(userId, new FieldValues
            {
                ["Subject"] = $"Call number {i} about the renewal",
                ["ActivityDate"] = today.AddDays((i % 60) - 20),
                ["Status"] = i % 5 == 0 ? "In Progress" : "Not Started",
                ["Priority"] = i % 7 == 0 ? "High" : "Normal",
                ["Description"] = details,
            }, Stamped(from + (step * i)));
        }
    }

    private static AuditStamps Stamped(DateTimeOffset at) => new(at, at, at);

    private static string?[] Values(SimulatedTask task) =>
    [
        task.Id, task.Subject, task.ActivityDate?.ToString("O", CultureInfo.InvariantCulture), task.Status, task.Priority, task.Description, task.Type, task.WhoId, task.WhatId, task.CallDisposition,
    ];

    private static Access AccessOf(SimulatedOrg org, string userId)
    {
        var token = org.IssueToken(userId);
        return new Access(userId, org.OrganizationId, token.AccessToken, token.RefreshToken);
    }
}
