using System.Collections;
using System.Collections.Concurrent;
using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using TaskSync.Sync.Data;

namespace TaskSync.Tests.Support;

/// <summary>
/// Follows the queries that are compiled for another database: each one is compiled for SQL Server too, and carried out up to the point where it would be sent.
/// The connection is never opened. What it would send is read by Microsoft's T-SQL parser.
/// </summary>
public sealed class TSqlShadow : IQueryExpressionInterceptor
{
    /// <summary>Parameters that SQL Server takes with a statement.</summary>
    public const int MostParameters = 2100;

    /// <summary>How many values each list has that a query is given: few, as many as two lists may not have together, and more than there may be parameters.</summary>
    private static readonly int[] Lengths = [3, 2_000, 5_000];

    private static readonly AsyncLocal<TSqlShadow?> Ambient = new();

    private static readonly MethodInfo RunOne = typeof(TSqlShadow).GetMethod(nameof(Run), BindingFlags.NonPublic | BindingFlags.Static)!;
    private readonly ConcurrentDictionary<string, int> _statements = new();
    private readonly ConcurrentDictionary<string, string> _faults = new();

    /// <summary>The one that follows the databases of the test that runs; null for most.</summary>
    public static TSqlShadow? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>The statements, each with the most parameters that it had.</summary>
    public IReadOnlyDictionary<string, int> Statements => _statements;

    /// <summary>What SQL Server would not have understood.</summary>
    public IReadOnlyCollection<string> Faults => [.. _faults.Values];

    public Expression QueryCompilationStarting(Expression queryExpression, QueryExpressionEventData eventData)
    {
        try
        {
            // One without lists is the same whatever their lengths are.
            _ = Lengths.All(length => Follow(queryExpression, length));
        }
        catch (Exception failure)
        {
            _faults[$"{queryExpression}"] = $"{failure.GetBaseException().Message}\n{new ExpressionPrinter().PrintExpression(queryExpression)}";
        }

        return queryExpression;
    }

    /// <summary>A value of this type, another one for each number where there are so many.</summary>
    internal static object? One(Type type, int i) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var text when text == typeof(string) => $"00T{i:D12}AAA",
        var id when id == typeof(Guid) => new Guid(i, 1, 1, new byte[8]),
        var number when number == typeof(int) => i,
        var large when large == typeof(long) => (long)i,
        { IsValueType: true } other => Activator.CreateInstance(other),
        _ => null,
    };

    /// <summary>A context of SQL Server that tells here what it would send, and then gets no further.</summary>
    public SqlServerTaskSyncDb Open() =>
        new(new DbContextOptionsBuilder<SqlServerTaskSyncDb>().UseSqlServer("Server=nowhere;Database=TaskSync").AddInterceptors(new NoConnection(), new NoCommand(this)).Options);

    /// <returns>Whether there are lists among its parameters.</returns>
    private bool Follow(Expression query, int length)
    {
        using var db = Open();
        var moved = new Moved(db, length);
        var here = moved.Visit(query);
        var result = here.Type.GetInterfaces().Prepend(here.Type).FirstOrDefault(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IQueryable<>)) is { } rows
            ? typeof(IAsyncEnumerable<>).MakeGenericType(rows.GetGenericArguments())
            : typeof(Task<>).MakeGenericType(here.Type);
        try
        {
            RunOne.MakeGenericMethod(result).Invoke(null, [db, here, moved.Parameters]);
        }
        catch (TargetInvocationException failure) when (failure.GetBaseException() is SentException)
        {
            return moved.HasLists;
        }

        throw new InvalidOperationException("The query was not sent.");
    }

    private static void Run<TResult>(SqlServerTaskSyncDb db, Expression query, Dictionary<string, object?> parameters)
    {
        var execute = db.GetService<IQueryCompilationContextFactory>().Create(async: true).CreateQueryExecutor<TResult>(query);
        var context = db.GetService<IQueryContextFactory>().Create();
        foreach (var (name, value) in parameters)
        {
            context.Parameters[name] = value;
        }

        var result = execute(context);
        if (result is Task single)
        {
            single.GetAwaiter().GetResult();
            return;
        }

        var rows = result!.GetType().GetInterfaces().Single(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>));
        var enumerator = rows.GetMethod(nameof(IAsyncEnumerable<int>.GetAsyncEnumerator))!.Invoke(result, [CancellationToken.None])!;
        var next = typeof(IAsyncEnumerator<>).MakeGenericType(rows.GetGenericArguments()).GetMethod(nameof(IAsyncEnumerator<int>.MoveNextAsync))!;
        ((ValueTask<bool>)next.Invoke(enumerator, null)!).AsTask().GetAwaiter().GetResult();
    }

    private void Note(DbCommand command)
    {
        using var reader = new StringReader(command.CommandText);
        new TSql160Parser(initialQuotedIdentifiers: true).Parse(reader, out var errors);
        foreach (var error in errors)
        {
            _faults[command.CommandText] = $"line {error.Line}: {error.Message}\n{command.CommandText}";
        }

        if (command.Parameters.Count > MostParameters)
        {
            _faults[command.CommandText] = $"{command.Parameters.Count} parameters\n{command.CommandText}";
        }

        _statements.AddOrUpdate(command.CommandText, command.Parameters.Count, (_, most) => Math.Max(most, command.Parameters.Count));
        throw new SentException();
    }

    /// <summary>Everything that can be known of a statement without a server is known.</summary>
    private sealed class SentException : Exception;

    /// <summary>The same query over the tables of another context, with a value for each of its parameters.</summary>
    private sealed class Moved(SqlServerTaskSyncDb db, int length) : ExpressionVisitor
    {
        public Dictionary<string, object?> Parameters { get; } = [];

        public bool HasLists { get; private set; }

        protected override Expression VisitExtension(Expression node)
        {
            switch (node)
            {
                case EntityQueryRootExpression root:
                    return new EntityQueryRootExpression(db.Model.FindEntityType(root.EntityType.Name)!);
                case QueryParameterExpression parameter:
                    Parameters[parameter.Name] = Value(parameter.Type);
                    return parameter;
                default:
                    return base.VisitExtension(node);
            }
        }

        private object? Value(Type type)
        {
            if (type == typeof(string) || type == typeof(byte[]) || !type.IsAssignableTo(typeof(IEnumerable)))
            {
                return One(type, 0);
            }

            HasLists = true;
            var element = type.IsArray ? type.GetElementType()! : type.GetInterfaces().Prepend(type).First(t => t.IsGenericType && t.GetGenericTypeDefinition() == typeof(IEnumerable<>)).GetGenericArguments()[0];
            var values = Array.CreateInstance(element, length);
            for (var i = 0; i < length; i++)
            {
                values.SetValue(One(element, i), i);
            }

            return type.IsInstanceOfType(values) ? values : Activator.CreateInstance(type, values);
        }
    }

    private sealed class NoConnection : DbConnectionInterceptor, IDbTransactionInterceptor
    {
        public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) => InterceptionResult.Suppress();

        public override ValueTask<InterceptionResult> ConnectionOpeningAsync(
            DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) => ValueTask.FromResult(InterceptionResult.Suppress());
    }

    private sealed class NoCommand(TSqlShadow shadow) : StatementInterceptor
    {
        protected override void Before(DbCommand command) => shadow.Note(command);
    }
}
