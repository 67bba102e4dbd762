using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.RegularExpressions;

namespace TaskSync.Tests.Support;

/// <summary>Notes every statement that writes.</summary>
public sealed partial class WriteCounter : StatementInterceptor
{
    private readonly ConcurrentQueue<string> _statements = new();

    public IReadOnlyCollection<string> Statements => _statements;

    public void Reset() => _statements.Clear();

    protected override void Before(DbCommand command)
    {
        if (Writes().IsMatch(command.CommandText))
        {
            _statements.Enqueue(Sql(command));
        }
    }

    [GeneratedRegex(@"^\s*(INSERT|UPDATE|DELETE)\b", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Writes();
}
