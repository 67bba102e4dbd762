using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Web;
using TaskSync.Web.Components;

namespace TaskSync.Tests.Access;

/// <summary>Every operation that pages get at, called by everybody with ids of everybody (docs/architecture.md, "Security in brief").</summary>
public sealed class AccessMatrixTests(AccessWorld people) : IClassFixture<AccessWorld>
{
    public static TheoryData<string, By, Named> Cases
    {
        get
        {
            var cases = new TheoryData<string, By, Named>();
            foreach (var (operation, row) in AccessRows.All)
            {
                foreach (var by in Enum.GetValues<By>())
                {
                    foreach (var named in row.NamesSomething ? Enum.GetValues<Named>() : [Named.Own])
                    {
                        cases.Add(operation, by, named);
                    }
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task SE9_an_operation_gives_and_changes_only_what_the_person_may(string operation, By by, Named named)
    {
        var row = AccessRows.All[operation];
        var asker = people.Sit(people.World, by);
        if (by is By.Anonymous or By.EndedSession)
        {
            await Assert.ThrowsAsync<UnauthorizedAccessException>(asker.Page.ActorAsync);
        }
        else
        {
            Assert.Equal((asker.Id, asker.Actor.IsAdmin), await asker.Page.ActorAsync() is var signedIn ? (signedIn.Id, signedIn.IsAdmin) : default);
        }

        switch (row.Rule)
        {
            case var _ when by == By.EndedSession:
                // The page gets no further. An anonymous one is tried all the same: as if it had not asked.
                break;
            case Rule.Admins when by != By.Admin:
                await RefusedAsync(row, asker, people.Find(by, named));
                break;
            case Rule.Owner when by == By.Anonymous || named is Named.Others or Named.Guessed:
                await LikeUnknownAsync(row, asker, people.Find(by, named));
                break;
            default:
                await AllowedAsync(row, by, named);
                break;
        }
    }

    [Fact]
    public void There_are_at_least_five_hundred_cases() => Assert.InRange(Cases.Count, 500, int.MaxValue);

    [Fact]
    public async Task SE9_every_operation_that_pages_get_at_has_a_row()
    {
        await using var app = new WebApp();
        var handlers = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<MethodInfo>()).OfType<MethodInfo>();
        var services = handlers.SelectMany(handler => handler.GetParameters().Select(parameter => parameter.ParameterType))
            .Concat(typeof(App).Assembly.GetTypes().SelectMany(type => type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
                .Where(property => property.IsDefined(typeof(InjectAttribute))).Select(property => property.PropertyType))
            .Where(type => type.Assembly == typeof(TaskService).Assembly && type is { IsClass: true, IsSealed: true } && !type.IsAssignableTo(typeof(Delegate))).ToHashSet();
        Assert.Contains(typeof(TaskService), services);
        Assert.Contains(typeof(SignIns), services);

        var operations = services.SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public).Where(method => !method.IsSpecialName && method.DeclaringType != typeof(object)))
            .Where(method => method.GetBaseDefinition().DeclaringType != typeof(object)).CountBy(method => $"{method.ReflectedType!.Name}.{method.Name}").ToDictionary();
        var rows = AccessRows.All.Keys.Select(name => name.Split(':')[0]).CountBy(name => name).ToDictionary();

        Assert.Empty(operations.Where(one => !AccessRows.Open.ContainsKey(one.Key) && rows.GetValueOrDefault(one.Key) < one.Value)
            .Select(one => $"{one.Key} has {one.Value} overload(s) and {rows.GetValueOrDefault(one.Key)} row(s): say in TaskSync.Tests/Access/AccessRows.cs who may call it."));
        Assert.Empty(rows.Keys.Concat(AccessRows.Open.Keys).Where(name => !operations.ContainsKey(name)).Select(name => $"{name} is gone, or no page gets at it any more: remove its row."));
    }

    /// <summary>Refused before anything is looked up, so that every id is answered alike.</summary>
    private async Task RefusedAsync(AccessRow row, Asker asker, Belongings ids)
    {
        var before = people.Asked;
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => row.CallAsync(asker, ids));
        Assert.Equal(before, people.Asked);
    }

    private async Task LikeUnknownAsync(AccessRow row, Asker asker, Belongings ids)
    {
        var before = await AccessWorld.RowsAsync(people.World);
        var answer = await CallAsync(row, asker, ids);
        Assert.Equal(await CallAsync(row, asker, Belongings.Guessed()), answer);
        Assert.DoesNotContain("secret of", answer, StringComparison.Ordinal);
        Assert.Equal(before, await AccessWorld.RowsAsync(people.World));
    }

    private async Task AllowedAsync(AccessRow row, By by, Named named)
    {
        await using var world = people.Copy();
        await using var database = world.Database;
        var (asker, ids) = (people.Sit(world, by), people.Find(by, named));
        var (all, foreign) = (await AccessWorld.RowsAsync(world), await AccessWorld.RowsAsync(world, except: asker.Id));
        var answer = await CallAsync(row, asker, ids);
        var changed = await AccessWorld.RowsAsync(world) != all;
        Assert.True(row.Writes || !changed, "It is said to change nothing.");
        if (row.Rule == Rule.Admins)
        {
            Assert.True(named != Named.Others || !row.NamesSomething || changed || answer != await CallAsync(row, asker, Belongings.Guessed()), "The admin gets nothing.");
            return;
        }

        Assert.Equal(foreign, await AccessWorld.RowsAsync(world, except: asker.Id));
        foreach (var name in people.Names(except: by))
        {
            Assert.DoesNotContain("secret of " + name, answer, StringComparison.Ordinal);
        }

        Assert.True(row.Rule != Rule.Owner || named != Named.Own || changed || answer != await CallAsync(row, asker, Belongings.Guessed()), "The owner gets nothing.");
    }

    /// <summary>All that an answer tells.</summary>
    private static async Task<string> CallAsync(AccessRow row, Asker asker, Belongings ids)
    {
        try
        {
            var answer = await row.CallAsync(asker, ids);
            return answer is null ? "nothing" : $"{answer.GetType().Name} {JsonSerializer.Serialize(answer, answer.GetType())}";
        }
        catch (InvalidOperationException failure) when (failure.Message == "There is no such person.")
        {
            return failure.Message;
        }
    }
}
