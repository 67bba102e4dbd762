using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using TaskSync.Sync.Data;
using TaskSync.Tests.Connections;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Engine.Check;
using TaskSync.Tests.Engine.Pull;
using TaskSync.Tests.Engine.Reader;
using TaskSync.Tests.Engine.SwitchOn;
using TaskSync.Tests.Jobs;
using TaskSync.Tests.Privacy;
using TaskSync.Tests.Problems;
using TaskSync.Tests.Status;
using TaskSync.Tests.Support;
using TaskSync.Tests.Tasks;

namespace TaskSync.Tests.Data;

/// <summary>What would be sent to a SQL Server, read by Microsoft's parser. No server is asked.</summary>
public sealed class SqlServerQueriesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Tests that between them ask nearly every question: pages, connections, engine, reader, retention, export and erasure.</summary>
    private static readonly Type[] Asking =
    [
        typeof(BulkActionTests), typeof(CommandCenterTests), typeof(MySyncTests), typeof(PeopleTests), typeof(QueryCountTests), typeof(SettingsTests), typeof(SignInsTests), typeof(TaskDetailsTests),
        typeof(AdminActionsTests), typeof(OrganizationsTests), typeof(RemovalTests), typeof(SyncStatusTests), typeof(DeleteBrakeTests), typeof(ProblemLifeTests), typeof(PersonalDataTests),
        typeof(ConnectionServiceTests), typeof(EndToEndTestTests), typeof(ReaderSetUpTests), typeof(HostedEngineTests), typeof(TwoWayTests), typeof(CallResultTests), typeof(FirstSyncTests),
        typeof(PreviewTests), typeof(ReaderTests), typeof(ReaderCostTests), typeof(FollowerTests), typeof(RowSetAsideTests), typeof(AuditTests),
        typeof(SweepTests), typeof(RetentionTests), typeof(HistoryRetentionTests),
    ];

    [Fact]
    public async Task SQL_Server_understands_every_query_of_pages_and_engine()
    {
        TestDatabase.DemandSqlite();
        var shadow = new TSqlShadow();
        TSqlShadow.Current = shadow;
        foreach (var (method, data) in Asking.SelectMany(type => type.GetMethods()).SelectMany(Cases))
        {
            await RunAsync(method, data);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{shadow.Statements.Count} statements");
        Assert.Empty(shadow.Faults);
        Assert.InRange(shadow.Statements.Count, 400, int.MaxValue);

        // A list that is longer than a statement may have parameters travels as one.
        Assert.Contains(shadow.Statements, statement => statement.Value > 2_000);
        Assert.Contains(shadow.Statements.Keys, sql => sql.Contains("OPENJSON", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_query_that_SQL_Server_could_not_be_asked_is_told()
    {
        var shadow = new TSqlShadow();
        await using var database = TestDatabase.On(DatabaseProvider.Sqlite, shadow);
        await using var db = database.CreateDbContext();
        await db.Tasks.Where(t => EF.Functions.Glob(t.Subject!, "x*")).ToListAsync(Token);
        await using var broken = shadow.Open();
        await Assert.ThrowsAnyAsync<Exception>(() => broken.Tasks.FromSqlRaw("SELECT * FROM Tasks LIMIT 1").ToListAsync(Token));

        Assert.Collection(
            shadow.Faults.Order(StringComparer.Ordinal),
            untranslatable => Assert.Contains("could not be translated", untranslatable, StringComparison.Ordinal),
            unreadable => Assert.Contains("Incorrect syntax near 'LIMIT'", unreadable, StringComparison.Ordinal));
    }

    /// <summary>The test; with its first data where it has any, for more of it asks the same.</summary>
    private static IEnumerable<(MethodInfo, object?[])> Cases(MethodInfo method) => method.GetCustomAttribute<FactAttribute>() switch
    {
        null or { Explicit: true } => [],
        TheoryAttribute => method.GetCustomAttributes<InlineDataAttribute>().Take(1).Where(line => line.Data.Length == method.GetParameters().Length && !method.GetParameters().Any(p => p.IsDefined(typeof(ParamArrayAttribute)))).Select(line => (method, line.Data)),
        _ => [(method, [])],
    };

    private static async Task RunAsync(MethodInfo method, object?[] data)
    {
        var test = Activator.CreateInstance(method.ReflectedType!)!;
        try
        {
            if (test is IAsyncLifetime life)
            {
                await life.InitializeAsync();
            }

            if (method.Invoke(test, data) is Task task)
            {
                await task;
            }
        }
        finally
        {
            if (test is IAsyncDisposable disposable)
            {
                await disposable.DisposeAsync();
            }
        }
    }

    [Theory]
    [InlineData(EntityState.Added)]
    [InlineData(EntityState.Modified)]
    [InlineData(EntityState.Deleted)]
    public async Task SQL_Server_understands_how_rows_of_each_table_are_saved(EntityState state)
    {
        var shadow = new TSqlShadow();
        List<IEntityType> types;
        using (var db = shadow.Open())
        {
            types = [.. db.Model.GetEntityTypes()];
        }

        foreach (var type in types)
        {
            using var db = shadow.Open();
            db.Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
            for (var i = 1; i <= 5; i++)
            {
                var row = RuntimeHelpers.GetUninitializedObject(type.ClrType);
                foreach (var key in type.GetKeys().SelectMany(k => k.Properties))
                {
                    key.PropertyInfo!.SetValue(row, TSqlShadow.One(key.ClrType, i));
                }

                db.Entry(row).State = state;
            }

            await Assert.ThrowsAnyAsync<Exception>(() => db.SaveChangesAsync(Token));
        }

        Assert.Empty(shadow.Faults);
        Assert.True(shadow.Statements.Count >= types.Count, $"{shadow.Statements.Count} statements for {types.Count} tables");
    }
}
