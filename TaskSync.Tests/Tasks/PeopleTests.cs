using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Tasks;

public sealed class PeopleTests : IAsyncDisposable
{
    private readonly Desk _desk = new();

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task Signing_in_again_finds_the_same_person_and_keeps_name_and_address_fresh()
    {
        var id = await _desk.People.EnsureAsync("tenant/ana", "Ana Ruiz", "ana@acme.example", Desk.Never);
        Assert.Equal(id, await _desk.People.EnsureAsync("tenant/ana", " Ana Ruiz-Diaz ", null, Desk.Never));
        Assert.Equal(("Ana Ruiz-Diaz", null), _desk.Read(db => db.People.Find(id)!) is var p ? (p.Name, p.Email) : default);
        Assert.NotEqual(id, await _desk.People.EnsureAsync("tenant/ANA", "Somebody else", null, Desk.Never));
    }

    [Fact]
    public async Task Two_tabs_that_sign_in_at_once_are_one_person()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _desk.People.EnsureAsync("tenant/ana", "Ana", null, Desk.Never))));
        Assert.Single(ids.Distinct());
    }

    [Fact]
    public async Task A_very_long_name_is_cut()
    {
        var id = await _desk.People.EnsureAsync("tenant/ana", new string('x', 300), new string('y', 400), Desk.Never);
        Assert.Equal((200, null), _desk.Read(db => db.People.Find(id)!) is var p ? (p.Name.Length, p.Email) : default);
        Assert.Equal(id, await _desk.People.EnsureAsync("tenant/ana", "", null, Desk.Never));
    }

    [Fact]
    public async Task A_name_is_never_cut_within_a_character()
    {
        var id = await _desk.People.EnsureAsync("tenant/ana", new string('x', 199) + "😀", null, Desk.Never);
        Assert.Equal(new string('x', 199), _desk.Read(db => db.People.Find(id)!.Name));
    }

    [Fact]
    public async Task The_browsers_zone_is_remembered_and_nonsense_is_ignored()
    {
        await _desk.People.SetBrowserZoneAsync(_desk.Rita, "Asia/Tokyo", Desk.Never);
        await _desk.People.SetBrowserZoneAsync(_desk.Rita, "Asia/Tokyo", Desk.Never);
        foreach (var nonsense in new[] { null, "", "Mars/Olympus", "../../etc/passwd", new string('x', 10_000) })
        {
            await _desk.People.SetBrowserZoneAsync(_desk.Rita, nonsense, Desk.Never);
        }

        Assert.Equal("Asia/Tokyo", _desk.Read(db => db.People.Find(_desk.Rita)!.BrowserTimeZone));
        Assert.Equal(1, _desk.Published);
    }

    [Fact]
    public async Task F5_a_demo_person_gets_believable_local_tasks_once()
    {
        var demo = new DemoTasks(_desk.Database, _desk.Clock);
        await demo.SeedAsync(_desk.Rita, Desk.Never);
        await demo.SeedAsync(_desk.Rita, Desk.Never);
        var tasks = _desk.Read(db => db.Tasks.Where(t => t.PersonId == _desk.Rita).ToList());
        Assert.Equal(8, tasks.Count);
        Assert.All(tasks, t => Assert.Equal((TaskOrigin.HereWhileOff, null), (t.Origin, t.RemovedAt)));
        Assert.All(tasks, t => Assert.Empty(TaskRules.Check(TaskDraft.Of(t), OrgSchema.Default)));
        var page = (await _desk.CommandCenter.LoadAsync(_desk.Rita, TaskView.TodayAndTomorrow, null, Desk.Never))!;
        Assert.Equal(new ViewCounts(Today: 2, Tomorrow: 2, Overdue: 1, Next7Days: 5, NoDate: 1, Completed: 1, Open: 7), page.Counts);

        await _desk.Tasks.DeleteAsync(_desk.Rita, [.. tasks.Select(t => t.Id)], Desk.Never);
        await demo.SeedAsync(_desk.Rita, Desk.Never);
        await demo.SeedAsync(Guid.NewGuid(), Desk.Never);
        Assert.Equal(8, _desk.Read(db => db.Tasks.Count()));
    }
}
