using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Data;

/// <summary>What only shows where several transactions run at once, on a server. The classes below run it on each.</summary>
public abstract class ServerContract(DatabaseProvider provider) : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected TestDatabase Database { get; } = TestDatabase.On(provider);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_victim_of_a_deadlock_does_its_change_again(bool bySave)
    {
        var (one, other) = (await PersonAsync("one"), await PersonAsync("other"));
        using var met = new Barrier(2);

        await Task.WhenAll(Task.Run(() => RenameAsync(one, other, "first"), Token), Task.Run(() => RenameAsync(other, one, "second"), Token));

        await using var db = Database.CreateDbContext();
        Assert.Single(await db.People.Select(p => p.Name).Distinct().ToListAsync(Token));

        Task RenameAsync(Guid first, Guid second, string name)
        {
            var tries = 0;
            return Database.TransactAsync(
                async db =>
                {
                    await db.People.Where(p => p.Id == first).ExecuteUpdateAsync(set => set.SetProperty(p => p.Name, name), Token);
                    if (tries++ == 0)
                    {
                        met.SignalAndWait(TimeSpan.FromSeconds(30), Token);
                    }

                    if (bySave)
                    {
                        var person = await db.People.SingleAsync(p => p.Id == second, Token);
                        person.Name = name;
                        db.Entry(person).Property(p => p.Name).IsModified = true;
                    }
                    else
                    {
                        await db.People.Where(p => p.Id == second).ExecuteUpdateAsync(set => set.SetProperty(p => p.Name, name), Token);
                    }
                },
                Token);
        }
    }

    [Fact]
    public async Task Changes_that_depend_on_rows_that_are_not_there_yet_run_one_after_the_other()
    {
        var numbers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => Database.SerializeAsync(
            async db =>
            {
                var count = await db.People.CountAsync(Token);
                db.People.Add(new Person { SubjectId = $"{i}", Name = $"{count}", CreatedAt = Now });
                return count;
            },
            Token))));

        Assert.Equal(Enumerable.Range(0, 8), numbers.Order());
    }

    [Fact]
    public async Task A_tombstone_that_is_restored_while_it_is_purged_keeps_its_history()
    {
        var person = await PersonAsync("rita");
        var task = new TaskItem { PersonId = person, Subject = "Call", CreatedAt = Now, RemovedAt = Now.AddDays(-40) };
        await SaveAsync(db =>
        {
            db.Tasks.Add(task);
            db.History.Add(new HistoryEntry { TaskId = task.Id, PersonId = person, At = Now });
        });

        // Before the first statement that changes something somebody restores the task.
        var restore = new OnFirstWrite(() =>
        {
            using var db = Database.CreateDbContext();
            db.Tasks.Where(t => t.Id == task.Id).ExecuteUpdate(set => set.SetProperty(t => t.RemovedAt, (DateTimeOffset?)null));
        });
        await new Retention(new Intercepted(() => Open(restore)), new FakeTimeProvider(Now)).PurgeAsync(Token);

        Assert.True(restore.IsDone);
        await using var read = Database.CreateDbContext();
        Assert.Equal(1, await read.Tasks.CountAsync(Token));
        Assert.Equal(1, await read.History.CountAsync(Token));
    }

    [Fact]
    public async Task A_deletion_that_joins_a_question_while_it_is_answered_does_not_wait_unseen()
    {
        var person = await PersonAsync("rita");
        var connection = new Connection { Id = Guid.CreateVersion7(), PersonId = person, Shard = 0, OrganizationId = "00D000000000001AAA", UserId = "005000000000001AAA", Username = "rita@acme.example", DisplayName = "Rita", OrganizationName = "Acme", InstanceUrl = "https://acme.my.salesforce.com" };
        var question = new Problem { PersonId = person, ConnectionId = connection.Id, Code = ProblemCodes.ManyDeleted, Message = "", FirstSeenAt = Now, LastSeenAt = Now };
        var task = new TaskItem { PersonId = person, Subject = "Call", CreatedAt = Now };
        await SaveAsync(db =>
        {
            db.AddRange(connection, question, task);
            db.Links.Add(new TaskLink { TaskId = task.Id, ConnectionId = connection.Id, OrganizationId = connection.OrganizationId, Key = TaskKey.New() });
        });

        await using var engine = Database.CreateDbContext();
        await using var attaching = await engine.Database.BeginTransactionAsync(Token);
        engine.PendingWrites.Add(new PendingWrite { TaskId = task.Id, ConnectionId = connection.Id, QueuedAt = Now, DueAt = Now, ProblemId = question.Id });
        engine.Entry(await engine.Problems.SingleAsync(Token)).Property(p => p.State).IsModified = true;
        await engine.SaveChangesAsync(Token);

        var answer = Task.Run(() => Database.TransactAsync(db => ProblemBook.SettleAsync(db, [person], Token), Token), Token);
        await Until.TrueAsync(WaitsForALockAsync);
        await attaching.CommitAsync(Token);
        await answer;

        await using var read = Database.CreateDbContext();
        Assert.Equal(ProblemState.Open, (await read.Problems.SingleAsync(Token)).State);
    }

    /// <summary>Whether somebody in the database waits for a row that another one holds.</summary>
    protected abstract Task<bool> WaitsForALockAsync();

    /// <summary>The same database, with something before each statement.</summary>
    protected abstract TaskSyncDb Open(StatementInterceptor interceptor);

    protected async Task<Guid> PersonAsync(string subjectId)
    {
        var person = new Person { SubjectId = subjectId, Name = subjectId, CreatedAt = Now };
        await SaveAsync(db => db.People.Add(person));
        return person.Id;
    }

    private async Task SaveAsync(Action<TaskSyncDb> change)
    {
        await using var db = Database.CreateDbContext();
        change(db);
        await db.SaveChangesAsync(Token);
    }

    private sealed class Intercepted(Func<TaskSyncDb> open) : IDbContextFactory<TaskSyncDb>
    {
        public TaskSyncDb CreateDbContext() => open();
    }

    private sealed class OnFirstWrite(Action act) : StatementInterceptor
    {
        public bool IsDone { get; private set; }

        protected override void Before(DbCommand command)
        {
            // The purge of what was written down for admins comes first, and has nothing to do with tasks.
            if (!IsDone && !Sql(command).StartsWith("SELECT", StringComparison.Ordinal)
                && !new[] { "\"Runs\"", "\"Audits\"", "\"ApiUsage\"" }.Any(table => Sql(command).Contains(table, StringComparison.Ordinal)))
            {
                IsDone = true;
                act();
            }
        }
    }
}
