using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Diagnostics;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Crash;

/// <summary>
/// The named boundaries of a running engine: before and after each commit (named by the tables it wrote) and each request (named by its address), with
/// the step it belongs to. At each name it dies once.
/// </summary>
/// <param name="known">The names at which it died before; a new one is added.</param>
/// <param name="die">Ends it at this name. Does not return.</param>
/// <param name="isOne">Which names count; null for all.</param>
internal sealed partial class Boundary(HashSet<string> known, Func<string, Task> die, Func<string, bool>? isOne = null) : DbTransactionInterceptor
{
    private readonly Lock _gate = new();

    /// <summary>What is being done, in a word.</summary>
    public string Step { get; set; } = "start";

    public Statements Commands { get; } = new();

    public Task PassAsync(string what)
    {
        var name = $"{Step}: {what}";
        lock (_gate)
        {
            if (isOne?.Invoke(name) == false || !known.Add(name))
            {
                return Task.CompletedTask;
            }
        }

        return die(name);
    }

    public override async ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (Commands.Written(transaction) is { Length: > 0 } tables)
        {
            await PassAsync($"before the commit of {tables}");
        }

        return await base.TransactionCommittingAsync(transaction, eventData, result, cancellationToken);
    }

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
        Commands.Take(transaction) is { Length: > 0 } tables ? PassAsync($"after the commit of {tables}") : Task.CompletedTask;

    /// <summary>Takes back what is open, as a death does.</summary>
    public void RollBack() => Commands.RollBack();

    /// <summary>Notes which tables each open transaction has written. A statement of its own transaction commits with itself.</summary>
    internal sealed partial class Statements : StatementInterceptor
    {
        private readonly ConcurrentDictionary<DbTransaction, SortedSet<string>> _open = new(ReferenceEqualityComparer.Instance);

        public string Written(DbTransaction transaction) => _open.TryGetValue(transaction, out var tables) ? string.Join('+', tables) : "";

        public string Take(DbTransaction transaction) => _open.TryRemove(transaction, out var tables) ? string.Join('+', tables) : "";

        public void RollBack()
        {
            foreach (var transaction in _open.Keys.Where(t => t.Connection is not null))
            {
                transaction.Rollback();
            }
        }

        protected override void Before(DbCommand command)
        {
            // The fence is part of every commit and names none. Counting calls is no work that could be lost.
            foreach (var table in Writes().Matches(command.CommandText).Select(m => m.Groups[1].Value).Where(t => t != "Fences"))
            {
                if (command.Transaction is { } transaction)
                {
                    _open.GetOrAdd(transaction, _ => []).Add(table);
                }
            }
        }

        [GeneratedRegex(@"^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+""(\w+)""", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
        private static partial Regex Writes();
    }

    /// <summary>The boundaries of requests.</summary>
    internal sealed partial class Requests(Boundary boundary) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            var name = $"{request.Method} {Ids().Replace(Version().Replace(path, ""), "{id}")}";
            await boundary.PassAsync($"before {name} is sent");
            var response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            await boundary.PassAsync($"{name} is answered, before the answer is used");
            return response;
        }

        [GeneratedRegex(@"^/services/(data/v[\d.]+)?")]
        private static partial Regex Version();

        [GeneratedRegex(@"\b0[0-9a-zA-Z]{14,}(-\d+)?\b")]
        private static partial Regex Ids();
    }
}
