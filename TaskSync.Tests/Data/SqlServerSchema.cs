using System.Globalization;
using Microsoft.SqlServer.Dac.Model;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Index = Microsoft.SqlServer.Dac.Model.Index;

namespace TaskSync.Tests.Data;

/// <summary>
/// A schema as SQL Server would read it, without a server: ScriptDom reads the script, filters of indexes included, DacFx builds its model and resolves the names.
/// What a server refuses or gets wrong, and neither of them sees, is looked for here.
/// </summary>
internal sealed class SqlServerSchema : IDisposable
{
    /// <summary>Bytes in the key of an index ("Maximum capacity specifications for SQL Server").</summary>
    private const int LongestClusteredKey = 900;

    private const int LongestKey = 1700;

    /// <summary>Letters of a national text that is not max.</summary>
    private const int LongestText = 4000;

    private const string Binary = "Latin1_General_100_BIN2";

    /// <summary>JSON that is stored and read, and in no query. As it is no text in the program, the convention for texts passes it by.</summary>
    private const string NeverCompared = "[dbo].[Tasks].[EditTimes]";

    private static readonly HashSet<string> Texts = ["char", "varchar", "nchar", "nvarchar"];

    private readonly TSqlModel _model = new(SqlServerVersion.Sql160, new TSqlModelOptions());

    private readonly IList<ParseError> _errors;

    /// <param name="script">Statements that make tables and indexes, in batches. Rows that they come with are left out.</param>
    public SqlServerSchema(string script)
    {
        foreach (var statement in Statements(script, out _errors).Where(s => s is CreateTableStatement or CreateIndexStatement))
        {
            _model.AddObjects(script.Substring(statement.StartOffset, statement.FragmentLength));
        }
    }

    public int Tables => Objects(Table.TypeClass).Count();

    public int Indexes => Objects(Index.TypeClass).Count();

    /// <summary>What is wrong, each with its place.</summary>
    public List<string> Faults() =>
    [
        .. _errors.Select(error => $"line {error.Line}: {error.Message}"),
        .. _model.Validate().Select(message => $"{message.Prefix}{message.Number}: {message.Message}"),
        .. LongKeys(), .. CascadePaths(), .. RowVersions(), .. LongTexts(), .. Collations(),
    ];

    public void Dispose() => _model.Dispose();

    public static List<TSqlStatement> Statements(string script, out IList<ParseError> errors)
    {
        using var reader = new StringReader(script);
        return new TSql160Parser(initialQuotedIdentifiers: true).Parse(reader, out errors) is TSqlScript tree ? [.. tree.Batches.SelectMany(batch => batch.Statements)] : [];
    }

    private IEnumerable<TSqlObject> Objects(ModelTypeClass type) => _model.GetObjects(DacQueryScopes.UserDefined, type);

    private IEnumerable<TSqlObject> Columns => Objects(Table.TypeClass).SelectMany(table => table.GetReferenced(Table.Columns));

    private IEnumerable<string> LongKeys()
    {
        var keys = Objects(Index.TypeClass).Select(i => (i.Name, Columns: i.GetReferenced(Index.Columns), IsClustered: i.GetProperty<bool>(Index.Clustered)))
            .Concat(Objects(PrimaryKeyConstraint.TypeClass).Select(k => (k.Name, Columns: k.GetReferenced(PrimaryKeyConstraint.Columns), IsClustered: k.GetProperty<bool>(PrimaryKeyConstraint.Clustered))))
            .Concat(Objects(UniqueConstraint.TypeClass).Select(k => (k.Name, Columns: k.GetReferenced(UniqueConstraint.Columns), IsClustered: k.GetProperty<bool>(UniqueConstraint.Clustered))));
        return from key in keys
               let bytes = key.Columns.Sum(Bytes)
               where bytes > (key.IsClustered ? LongestClusteredKey : LongestKey)
               select $"key of {bytes.ToString(CultureInfo.InvariantCulture)} bytes: {key.Name}";
    }

    /// <summary>"May cause cycles or multiple cascade paths" (1785): what starts at one table reaches every other one along one way only.</summary>
    private IEnumerable<string> CascadePaths()
    {
        var ways = Objects(ForeignKeyConstraint.TypeClass)
            .Where(key => key.GetProperty<ForeignKeyAction>(ForeignKeyConstraint.DeleteAction) != ForeignKeyAction.NoAction || key.GetProperty<ForeignKeyAction>(ForeignKeyConstraint.UpdateAction) != ForeignKeyAction.NoAction)
            .ToLookup(key => $"{key.GetReferenced(ForeignKeyConstraint.ForeignTable).Single().Name}", key => $"{key.GetReferenced(ForeignKeyConstraint.Host).Single().Name}");
        return ways.Where(way => Comes(way.Key, [])).Select(way => $"two cascade paths from {way.Key}");

        bool Comes(string table, HashSet<string> reached) => !reached.Add(table) || ways[table].Any(next => Comes(next, reached));
    }

    private IEnumerable<string> RowVersions() => Objects(Table.TypeClass)
        .Where(table => table.GetReferenced(Table.Columns).Count(column => TypeOf(column) is "timestamp" or "rowversion") > 1)
        .Select(table => $"two row versions: {table.Name}");

    private IEnumerable<string> LongTexts() => Columns.Where(column => TypeOf(column) is "nvarchar" or "nchar" && column.GetProperty<int>(Column.Length) > LongestText)
        .Select(column => $"text longer than {LongestText}: {column.Name}");

    /// <summary>Texts are compared by the database as the program does: every bit of them.</summary>
    private IEnumerable<string> Collations() => Columns
        .Where(column => Texts.Contains(TypeOf(column)) && column.GetProperty<string>(Column.Collation) != Binary && $"{column.Name}" != NeverCompared)
        .Select(column => $"collation {column.GetProperty<string>(Column.Collation)}: {column.Name}");

    private static string TypeOf(TSqlObject column) => column.GetReferenced(Column.DataType).Single().Name.Parts[^1];

    /// <summary>How much of a key a column takes at most.</summary>
    private static int Bytes(TSqlObject column) => (TypeOf(column), column.GetProperty<bool>(Column.IsMax)) switch
    {
        (_, true) => int.MaxValue / 64,
        ("nvarchar" or "nchar", _) => 2 * column.GetProperty<int>(Column.Length),
        ("varchar" or "char" or "varbinary" or "binary", _) => column.GetProperty<int>(Column.Length),
        ("uniqueidentifier", _) => 16,
        ("datetimeoffset", _) => 10,
        ("bigint", _) => 8,
        ("int", _) => 4,
        ("date", _) => 3,
        ("bit", _) => 1,
        (var type, _) => throw new NotSupportedException($"Nobody has said how long {type} is."),
    };
}
