using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;
using TaskSync.Web.Security;

namespace TaskSync.Tests.Web;

/// <summary>What counts of a sign-in while nobody can look it up.</summary>
public sealed class SessionCheckTests
{
    [Fact]
    public async Task SE2_in_an_outage_what_was_known_counts_and_what_was_never_known_does_not()
    {
        var busy = new BusyDatabase();
        await using var database = new TestDatabase(busy);
        var clock = new FakeTimeProvider();
        var check = new SessionCheck(new SignIns(database, new ChangeFeed(), clock, Options.Create(new SignInOptions())), clock, NullLogger<SessionCheck>.Instance);
        var (known, unknown) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.Equal(SignInEnd.Removed, await EndOfAsync(known));

        busy.Away = true;
        clock.Advance(SessionCheck.Trust + SessionCheck.Trust);

        Assert.Equal(SignInEnd.Removed, await EndOfAsync(known));
        Assert.Equal(DatabaseTrouble.Busy, (await Assert.ThrowsAsync<DatabaseUnavailableException>(() => EndOfAsync(unknown))).Trouble);

        Task<SignInEnd?> EndOfAsync(Guid id) => check.EndOfAsync(id, TestContext.Current.CancellationToken, mustKnow: true);
    }
}
