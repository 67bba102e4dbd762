using System.Data.Common;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Pull;

/// <summary>A database that cannot hold tasks with these subjects, whoever brings them.</summary>
internal sealed class OddRows(params string[] subjects) : StatementInterceptor
{
    public string[] Subjects { get; set; } = subjects;

    protected override void Before(DbCommand command)
    {
        if ((Sql(command).Contains("INSERT INTO \"Tasks\"", StringComparison.Ordinal) || Sql(command).Contains("UPDATE \"Tasks\"", StringComparison.Ordinal))
            && command.Parameters.Cast<DbParameter>().Any(p => Subjects.Contains(p.Value)))
        {
            throw new FormatException("It cannot be stored.");
        }
    }
}
