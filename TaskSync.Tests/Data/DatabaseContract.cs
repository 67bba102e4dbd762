using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Data.Bulk;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Data;

/// <summary>What every database has to do alike. The classes below run it on each.</summary>
public abstract class DatabaseContract(DatabaseProvider provider) : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero).AddTicks(7);
    private readonly QueryPlans _statements = new();
    private TestDatabase? _database;

    private TestDatabase Database => _database ??= TestDatabase.On(provider, _statements);

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_model_and_the_migrations_are_the_same()
    {
        await using var db = Database.CreateDbContext();
        Assert.False(db.Database.HasPendingModelChanges());
        Assert.Empty(await db.Database.GetPendingMigrationsAsync(Token));
    }

    [Theory]
    [InlineData("élan", "Élan")]
    [InlineData("STRASSE", "Strasse")]
    [InlineData("привет", "ПРИВЕТ")]
    [InlineData("100%", "100% sure")]
    [InlineData("a_b", "a_b")]
    [InlineData("c:\\x", "C:\\X")]
    public async Task A_search_knows_every_letter_and_takes_signs_as_they_are(string search, string subject)
    {
        var person = await PersonAsync();
        await AddAsync(Named(person, subject), Named(person, "100 axb, nothing"));

        Assert.Equal(subject, Assert.Single(await FindAsync(search)));
    }

    [Fact]
    public async Task A_search_for_what_cannot_be_stored_finds_nothing_and_does_not_fail()
    {
        var person = await PersonAsync();
        await AddAsync(Named(person, "Call"));

        Assert.Empty(await FindAsync("call\ud83d"));
        Assert.Equal("Call", Assert.Single(await FindAsync("\0call")));
    }

    [Fact]
    public async Task Text_is_ordered_by_its_code_points_and_equal_only_to_itself()
    {
        var person = await PersonAsync();
        await AddAsync([.. new[] { "b", "B", "é", "z", "_", "1" }.Select(subject => Named(person, subject))]);

        await using var db = Database.CreateDbContext();
        Assert.Equal("1,B,_,b,z,é", string.Join(',', await db.Tasks.OrderBy(t => t.Subject).Select(t => t.Subject).ToListAsync(Token)));
        Assert.Equal(1, await db.Tasks.CountAsync(t => t.Subject == "b", Token));
#pragma warning disable CA1309 // Translated to SQL, where the comparison is the database's.
        Assert.Equal(3, await db.Tasks.CountAsync(t => string.Compare(t.Subject, "_") > 0, Token));
#pragma warning restore CA1309
    }

    [Fact]
    public async Task Instants_come_back_to_the_tick_and_are_compared_as_instants()
    {
        var person = await PersonAsync();
        DateTimeOffset[] instants = [DateTimeOffset.MinValue, Now, Now.AddTicks(1), DateTimeOffset.MaxValue];
        await AddAsync([.. instants.Select((at, i) => new TaskItem { PersonId = person, Subject = $"{i}", CreatedAt = Now, CompletedAt = at })]);

        await using var db = Database.CreateDbContext();
        Assert.Equal(instants, await db.Tasks.OrderBy(t => t.CompletedAt).Select(t => t.CompletedAt!.Value).ToListAsync(Token));
        Assert.Equal("2", await db.Tasks.Where(t => t.CompletedAt > Now && t.CompletedAt < DateTimeOffset.MaxValue).Select(t => t.Subject).SingleAsync(Token));
        Assert.Equal(1, await db.Tasks.CountAsync(t => t.CompletedAt == Now.ToOffset(TimeSpan.FromHours(5)), Token));
        Assert.Equal(Now.AddTicks(1), await db.Tasks.Where(t => t.CompletedAt < DateTimeOffset.MaxValue).MaxAsync(t => t.CompletedAt, Token));
    }

    [Fact]
    public async Task Days_come_back_and_are_compared_as_days()
    {
        var person = await PersonAsync();
        DateOnly[] days = [new(1900, 1, 1), new(2026, 2, 28), new(4000, 12, 31)];
        await AddAsync([.. days.Select(day => new TaskItem { PersonId = person, Subject = "x", CreatedAt = Now, DueDate = day })]);

        await using var db = Database.CreateDbContext();
        Assert.Equal(days, await db.Tasks.OrderBy(t => t.DueDate).Select(t => t.DueDate!.Value).ToListAsync(Token));
        Assert.Equal(2, await db.Tasks.CountAsync(t => t.DueDate < new DateOnly(2026, 3, 1), Token));
    }

    [Fact]
    public async Task Who_saves_a_row_that_changed_meanwhile_is_told()
    {
        var person = await PersonAsync();
        await using var one = Database.CreateDbContext();
        await using var other = Database.CreateDbContext();
        (await one.People.SingleAsync(p => p.Id == person, Token)).Name = "One";
        (await other.People.SingleAsync(p => p.Id == person, Token)).Name = "Other";
        await one.SaveChangesAsync(Token);

        var failure = await Assert.ThrowsAnyAsync<DbUpdateException>(() => other.SaveChangesAsync(Token));
        Assert.True(DatabaseFailures.IsRace(failure));
    }

    [Fact]
    public async Task A_row_that_is_there_already_is_a_race_and_a_fault_of_the_row()
    {
        await PersonAsync();
        await using var db = Database.CreateDbContext();
        db.People.Add(new Person { SubjectId = "rita", Name = "Again", CreatedAt = Now });

        var failure = await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync(Token));
        Assert.True(DatabaseFailures.IsRace(failure));
        Assert.True(DatabaseFailures.IsOfARow(failure));
        Assert.Null(DatabaseFailures.TroubleOf(failure));
    }

    [Fact]
    public async Task What_no_database_could_store_is_stored_as_far_as_it_can_be()
    {
        var person = await PersonAsync();
        await AddAsync(new TaskItem { PersonId = person, Subject = "x", Details = "a\0b\ud83dc\U0001F600", CreatedAt = Now });

        await using var db = Database.CreateDbContext();
        Assert.Equal("a\ufffdb\ufffdc\U0001F600", (await db.Tasks.SingleAsync(Token)).Details);
    }

    [Fact]
    public async Task A_text_that_is_only_shown_is_cut_to_its_column()
    {
        var person = await PersonAsync();
        var longName = new string('n', 254) + "\U0001F600" + "more";
        await using (var db = Database.CreateDbContext())
        {
            db.History.Add(new HistoryEntry { TaskId = person, PersonId = person, At = Now, Actor = longName });
            (await db.People.SingleAsync(Token)).PauseReason = new string('r', 600);
            db.Control.Add(new SyncControl { PausedBy = new string('p', 300), Reason = new string('r', 600) });
            await db.SaveChangesAsync(Token);
        }

        await using var read = Database.CreateDbContext();
        Assert.Equal(longName[..254], (await read.History.SingleAsync(Token)).Actor);
        Assert.Equal(500, (await read.People.SingleAsync(Token)).PauseReason!.Length);
        var control = await read.Control.SingleAsync(Token);
        Assert.Equal((200, 500), (control.PausedBy!.Length, control.Reason!.Length));
    }

    [Fact]
    public async Task Lines_of_one_instant_keep_the_order_in_which_they_were_written()
    {
        var task = Guid.NewGuid();
        List<HistoryEntry> lines = [.. Enumerable.Range(0, 300).Select(i => new HistoryEntry { TaskId = task, PersonId = task, At = Now, Note = $"{i}" })];
        await using (var db = Database.CreateDbContext())
        {
            db.History.AddRange(lines.AsEnumerable().Reverse());
            await db.SaveChangesAsync(Token);
        }

        await using var read = Database.CreateDbContext();
        Assert.Equal(lines.Select(l => l.Note), await read.History.OrderBy(h => h.At).ThenBy(h => h.Order).Select(h => h.Note).ToListAsync(Token));
    }

    [Fact]
    public async Task A_large_deletion_goes_in_parts_and_leaves_nothing()
    {
        var (mine, other) = (Guid.NewGuid(), Guid.NewGuid());
        await using var db = Database.CreateDbContext();
        db.History.AddRange(Enumerable.Range(0, (2 * LargeDeletions.RowsAtOnce) + 1).Select(_ => new HistoryEntry { TaskId = mine, PersonId = mine, At = Now }));
        db.History.Add(new HistoryEntry { TaskId = other, PersonId = other, At = Now });
        await db.SaveChangesAsync(Token);
        _statements.Reset();

        await db.History.Where(h => h.PersonId == mine).OrderBy(h => h.Id).DeleteInPartsAsync(Token);

        Assert.Equal(3, _statements.Count);
        Assert.Equal(other, await db.History.Select(h => h.PersonId).SingleAsync(Token));
    }

    [Fact]
    public async Task An_index_serves_whoever_looks_for_the_links_of_rows()
    {
        await AddLinksAsync(await PersonAsync());
        _statements.Reset();
        await using (var db = Database.CreateDbContext())
        {
            var ids = new List<string> { "00T000000000001AAA", "00T000000000002AAA" };
            await db.Links.Where(l => l.OrganizationId == "00D000000000001AAA" && ids.Contains(l.SalesforceId!)).ToListAsync(Token);
        }

        var plan = Assert.Single(_statements.Of(Database));
        Assert.Empty(QueryPlans.Scans(plan));
        Assert.Contains(plan, step => step.Contains("IX_Links_OfRow", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(5L)]
    public async Task Connections_of_a_shard_that_begin_together_hold_one_fence(long? stored)
    {
        await StoreFenceAsync(stored);
        var fences = new ShardFences(Database);

        var held = await Task.WhenAll(Enumerable.Range(0, 7).Select(_ => Task.Run(() => fences.HoldAsync(3, stored, Token))));

        Assert.Equal(new Fence(3, (stored ?? 0) + 1), Assert.Single(held.Distinct()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(5L)]
    public async Task Of_two_instances_that_take_a_shard_at_once_one_has_lost_it(long? stored)
    {
        await StoreFenceAsync(stored);
        var instances = new[] { new ShardFences(Database), new ShardFences(Database) };
        await instances[0].HoldAsync(3, stored, Token);

        await Assert.ThrowsAsync<FenceLostException>(() => instances[1].HoldAsync(3, stored, Token));
        Assert.Equal((stored ?? 0) + 2, (await instances[1].HoldAsync(3, (stored ?? 0) + 1, Token)).Value);
        await Assert.ThrowsAsync<FenceLostException>(() => Database.CommitAsync(new Fence(3, (stored ?? 0) + 1), _ => Task.CompletedTask, Token));
    }

    [Fact]
    public async Task Rows_that_are_written_in_bulk_are_the_rows_that_EF_Core_would_have_written()
    {
        var connection = ConnectionOf(await PersonAsync());
        TaskItem[] tasks =
        [
            new() { PersonId = connection.PersonId, Subject = "all", DueDate = new DateOnly(2026, 11, 30), Status = "Done", IsCompleted = true, Priority = "High", Details = "élan \ud83d\ude00\r\n", Type = "Call", ReminderAt = Now, WhoId = "003000000000001AAA", WhoName = "Ana", WhatId = "001000000000001AAA", WhatName = "Acme", CallResult = "Busy", CompletedAt = Now.AddTicks(1), Origin = TaskOrigin.Salesforce, CreatedAt = Now, UpdatedAt = Now, Revision = long.MaxValue, RemovedAt = Now, Removal = Removal.Reassigned, EditTimes = FieldTimes.None.Stamp(TaskFields.All, Now) },
            new() { PersonId = connection.PersonId, CreatedAt = Now },
            new() { PersonId = connection.PersonId, Subject = "what no database stores: \0\ud83d", CreatedAt = Now },
        ];
        TaskLink[] links = [.. tasks.Select((task, i) => new TaskLink { TaskId = task.Id, ConnectionId = connection.Id, OrganizationId = connection.OrganizationId, SalesforceId = i == 1 ? null : $"00T00000000000{i}AAA", Key = TaskKey.New(), Base = task.Values, BlockedFields = TaskFields.All, State = i == 2 ? LinkState.Lost : LinkState.Open, ObservedModstamp = i == 0 ? Now : null })];
        HistoryEntry[] history = [.. tasks.Select(task => new HistoryEntry { TaskId = task.Id, PersonId = task.PersonId, At = Now, Side = TaskSide.Salesforce, Kind = HistoryKind.CameIn, Actor = new string('x', 300), Changes = [new FieldChange(TaskField.Subject, null, "all")] })];
        await Database.TransactAsync(
            async db =>
            {
                db.Connections.Add(connection);
                await db.SaveChangesAsync(Token);
                await db.BulkInsertAsync(tasks, Token);
                await db.BulkInsertAsync(links, Token);
                await db.BulkInsertAsync(history, Token);
            },
            Token);
        var inBulk = await EverythingAsync();
        await using (var db = Database.CreateDbContext())
        {
            await db.Tasks.ExecuteDeleteAsync(Token);
            await db.History.ExecuteDeleteAsync(Token);
            db.AddRange(tasks);
            db.AddRange(links);
            db.AddRange(history);
            await db.SaveChangesAsync(Token);
        }

        Assert.Equal(await EverythingAsync(), inBulk);

        async Task<string> EverythingAsync()
        {
            await using var db = Database.CreateDbContext();
            return JsonSerializer.Serialize(new
            {
                Tasks = await db.Tasks.AsNoTracking().OrderBy(t => t.Id).ToListAsync(Token),
                Links = await db.Links.AsNoTracking().OrderBy(l => l.Id).ToListAsync(Token),
                History = await db.History.AsNoTracking().OrderBy(h => h.Id).ToListAsync(Token),
            });
        }
    }

    [Fact]
    public async Task S9_a_row_that_is_there_already_breaks_the_rows_that_are_written_with_it_and_is_a_fault_of_the_row()
    {
        var person = await PersonAsync();
        var task = Named(person, "twice");
        var failure = await Assert.ThrowsAsync<DbUpdateException>(() => Database.TransactAsync(db => db.BulkInsertAsync([Named(person, "once"), task, task], Token), Token));

        Assert.True(DatabaseFailures.IsOfARow(failure));
        Assert.Empty(await FindAsync("once"));
    }

    [Fact]
    public async Task S9_an_edit_between_two_reads_of_one_unit_of_work_is_not_taken_for_settled()
    {
        await using var db = Database.CreateDbContext();
        Assert.SkipWhen(db.Database.IsSqlite(), "SQLite shows a transaction one moment.");
        var connection = ConnectionOf(await PersonAsync());
        var task = Named(connection.PersonId, "before");
        var link = new TaskLink { TaskId = task.Id, ConnectionId = connection.Id, OrganizationId = connection.OrganizationId, SalesforceId = "00T000000000001AAA", Key = TaskKey.New(), Task = task };
        db.AddRange(connection, link, new PendingWrite { TaskId = task.Id, ConnectionId = connection.Id, QueuedAt = Now, DueAt = Now });
        await db.SaveChangesAsync(Token);
        var times = 0;

        var seen = await Database.TransactAsync(
            async unit =>
            {
                var links = await unit.Links.Include(l => l.Task).ToListAsync(Token);
                if (times++ == 0)
                {
                    // The rep edits it now.
                    await using var edit = Database.CreateDbContext();
                    (await edit.Tasks.SingleAsync(Token)).Subject = "after";
                    (await edit.PendingWrites.SingleAsync(Token)).DueAt = Now.AddSeconds(1);
                    await edit.SaveChangesAsync(Token);
                }

                await PendingWrites.OfAsync(unit, links, Token);
                return links.Single().Task!.Subject;
            },
            Token);

        Assert.Equal(("after", 2), (seen, times));
    }

    [Fact]
    public async Task A_shard_that_could_not_be_given_up_is_given_back_at_a_later_look()
    {
        var self = ThisInstance.Named(runsEngine: true, isShared: true);
        var fences = new ShardFences(Database, self);
        using (fences.Begin(3, Token))
        {
            await fences.HoldAsync(3, null, Token);
            Assert.Equal(self.Id, await LookAsync());
        }

        // Cut off from the database, nobody wrote that it was given up.
        Assert.Null(await LookAsync());

        async Task<string?> LookAsync()
        {
            await using var db = Database.CreateDbContext();
            await fences.GiveBackAsync(await db.Fences.AsNoTracking().ToListAsync(Token), Token);
            return (await db.Fences.AsNoTracking().SingleAsync(Token)).Holder;
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TaskItem Named(Guid person, string subject) => new() { PersonId = person, Subject = subject, CreatedAt = Now };

    private async Task StoreFenceAsync(long? value)
    {
        if (value is { } stored)
        {
            await using var db = Database.CreateDbContext();
            db.Fences.Add(new ShardFence { Shard = 3, Value = stored });
            await db.SaveChangesAsync(Token);
        }
    }

    private async Task<List<string?>> FindAsync(string search)
    {
        await using var db = Database.CreateDbContext();
        return await (await db.Tasks.SearchAsync(db, search, Token)).Select(t => t.Subject).ToListAsync(Token);
    }

    private static Connection ConnectionOf(Guid person) => new() { Id = NewId.Next(), PersonId = person, Shard = 0, OrganizationId = "00D000000000001AAA", UserId = "005000000000001AAA", Username = "rita", DisplayName = "Rita", OrganizationName = "Acme", InstanceUrl = "https://acme.my.salesforce.com" };

    /// <summary>So many that reading all of an organization's would show in the plan.</summary>
    private async Task AddLinksAsync(Guid person)
    {
        await using var db = Database.CreateDbContext();
        var connection = ConnectionOf(person);
        db.Connections.Add(connection);
        foreach (var number in Enumerable.Range(0, 1_000))
        {
            var task = Named(person, "x");
            db.Tasks.Add(task);
            db.Links.Add(new TaskLink { TaskId = task.Id, ConnectionId = connection.Id, OrganizationId = connection.OrganizationId, SalesforceId = $"00T{number:D12}AAA", Key = TaskKey.New() });
        }

        await db.SaveChangesAsync(Token);
        await db.Database.ExecuteSqlRawAsync(Database.IsOnSqlServer ? "EXEC sp_updatestats" : "ANALYZE", Token);
    }

    private async Task<Guid> PersonAsync()
    {
        await using var db = Database.CreateDbContext();
        var person = new Person { SubjectId = "rita", Name = "Rita", CreatedAt = Now };
        db.People.Add(person);
        await db.SaveChangesAsync(Token);
        return person.Id;
    }

    private async Task AddAsync(params TaskItem[] tasks)
    {
        await using var db = Database.CreateDbContext();
        db.Tasks.AddRange(tasks);
        await db.SaveChangesAsync(Token);
    }
}

public sealed class SqliteContractTests() : DatabaseContract(DatabaseProvider.Sqlite);

public sealed class PostgreSqlContractTests() : DatabaseContract(DatabaseProvider.PostgreSql);

public sealed class SqlServerContractTests() : DatabaseContract(DatabaseProvider.SqlServer);
