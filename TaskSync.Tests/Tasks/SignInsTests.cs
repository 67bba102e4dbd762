using Microsoft.Extensions.Options;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Tasks;

/// <summary>Sign-ins are rows: what ends one, and why (SE2).</summary>
public sealed class SignInsTests : IAsyncLifetime
{
    private readonly Desk _desk = new();
    private readonly SignInOptions _options = new() { IdleTime = TimeSpan.FromHours(1), Lifetime = TimeSpan.FromHours(5) };

    private SignIns SignIns => new(_desk.Database, _desk.Feed, _desk.Clock, Options.Create(_options));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task One_that_is_used_lasts_until_it_is_too_old()
    {
        var id = await BeginAsync();
        for (var used = TimeSpan.Zero; used < TimeSpan.FromHours(5) - TimeSpan.FromMinutes(50); used += TimeSpan.FromMinutes(50))
        {
            _desk.Clock.Advance(TimeSpan.FromMinutes(50));
            Assert.Null(await EndOfAsync(id));
            await SignIns.UseAsync(id, Token);
        }

        _desk.Clock.Advance(_options.Lifetime - (_desk.Now - Desk.Morning) - TimeSpan.FromTicks(1));
        Assert.Null(await EndOfAsync(id));
        _desk.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(SignInEnd.Expired, await EndOfAsync(id));
    }

    [Fact]
    public async Task One_that_nobody_uses_ends_and_use_does_not_wake_it()
    {
        var id = await BeginAsync();
        _desk.Clock.Advance(_options.IdleTime - TimeSpan.FromTicks(1));
        Assert.Null(await EndOfAsync(id));
        _desk.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(SignInEnd.Idle, await EndOfAsync(id));
        await SignIns.UseAsync(id, Token);
        Assert.Equal(SignInEnd.Idle, await EndOfAsync(id));
        Assert.Empty(await SignIns.ListAsync(_desk.Rita, Token));
    }

    [Fact]
    public async Task Who_ends_it_first_says_why()
    {
        var id = await BeginAsync();
        await SignIns.EndAsync(_desk.Rita, id, SignInEnd.SignedOut, Token);
        await SignIns.EndAllAsync(_desk.Rita, null, SignInEnd.EndedByAdmin, Token);
        Assert.Equal(SignInEnd.SignedOut, await EndOfAsync(id));
    }

    [Fact]
    public async Task Nobody_ends_somebody_elses()
    {
        var id = await BeginAsync();
        var sam = _desk.Add(new Person { SubjectId = "sam", Name = "Sam Seller", CreatedAt = _desk.Now });
        await SignIns.EndAsync(sam, id, SignInEnd.SignedOutElsewhere, Token);
        await SignIns.EndAllAsync(sam, null, SignInEnd.SignedOutElsewhere, Token);
        Assert.Null(await EndOfAsync(id));
    }

    [Fact]
    public async Task All_but_one_are_ended_and_listed_no_more()
    {
        var (first, second, own) = (await BeginAsync("Edge on Windows"), await BeginAsync(), await BeginAsync("Safari on iPhone"));
        Assert.Equal(3, (await SignIns.ListAsync(_desk.Rita, Token)).Count);
        await SignIns.EndAllAsync(_desk.Rita, own, SignInEnd.SignedOutElsewhere, Token);
        Assert.Equal([SignInEnd.SignedOutElsewhere, SignInEnd.SignedOutElsewhere, null], [await EndOfAsync(first), await EndOfAsync(second), await EndOfAsync(own)]);
        var line = Assert.Single(await SignIns.ListAsync(_desk.Rita, Token));
        Assert.Equal((own, "Safari on iPhone"), (line.Id, line.Device));
    }

    [Fact]
    public async Task Who_signs_in_without_the_role_loses_the_sign_ins_of_an_admin()
    {
        var (admin, rep) = (await BeginAsync(isAdmin: true), await BeginAsync());
        Assert.Equal(SignInEnd.LostRole, await EndOfAsync(admin));
        Assert.Null(await EndOfAsync(rep));
        var again = await BeginAsync(isAdmin: true);
        Assert.Null(await EndOfAsync(again));
        Assert.Null(await EndOfAsync(rep));
    }

    [Fact]
    public async Task A_person_who_is_gone_and_a_sign_in_that_never_was_do_not_count()
    {
        var id = await BeginAsync();
        _desk.Change(db => db.People.Remove(db.People.Single(p => p.Id == _desk.Rita)));
        Assert.Equal(SignInEnd.Removed, await EndOfAsync(id));
        Assert.Equal(SignInEnd.Removed, await EndOfAsync(Guid.NewGuid()));
    }

    [Fact]
    public async Task Ended_ones_are_forgotten_at_last()
    {
        var id = await BeginAsync();
        _desk.Clock.Advance(TimeSpan.FromDays(31));
        await BeginAsync();
        Assert.Equal(SignInEnd.Removed, await EndOfAsync(id));
    }

    private async Task<Guid> BeginAsync(string? device = null, bool isAdmin = false) => (await SignIns.BeginAsync(_desk.Rita, isAdmin, device, Token))!.Value;

    private async Task<SignInEnd?> EndOfAsync(Guid id) => (await SignIns.EndedAsync([id], Token)).TryGetValue(id, out var end) ? end : null;
}
