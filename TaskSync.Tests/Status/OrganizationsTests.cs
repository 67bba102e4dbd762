using Microsoft.Extensions.Options;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Status;
using TaskSync.Tests.Support;
using TaskSync.Tests.Tasks;

namespace TaskSync.Tests.Status;

public sealed class OrganizationsTests : IAsyncDisposable
{
    private readonly Desk _desk = new();

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Theory]
    [InlineData(KeyPlace.CallObject, KeyPlace.KeyField)]
    [InlineData(KeyPlace.KeyField, KeyPlace.None)]
    public async Task Where_keys_are_kept_is_told_as_it_is_for_most_of_the_reps(KeyPlace most, KeyPlace one)
    {
        Connect(OrgSchema.Default with { Key = one });
        Connect(OrgSchema.Default with { Key = most });
        Connect(OrgSchema.Default with { Key = most });

        Assert.Equal(most, (await FieldsAsync()).Key);
    }

    [Fact]
    public async Task Statuses_are_told_as_they_were_read_last()
    {
        Connect(OrgSchema.Default with { Statuses = [new("Won", "Won", IsClosed: true, IsDefault: false)] }, readAt: _desk.Now);
        Connect(OrgSchema.Default, readAt: _desk.Now.AddDays(-1));

        Assert.Equal("Won", (await FieldsAsync()).ClosedStatus);
    }

    private void Connect(OrgSchema schema, DateTimeOffset? readAt = null)
    {
        var number = _desk.Read(db => db.Connections.Count());
        var person = _desk.Add(new Person { SubjectId = $"rep {number}", Name = $"Rep {number}", CreatedAt = _desk.Now });
        var connection = _desk.Connect(person, schema, user: $"00500000000000{number}AAA");
        _desk.Change(db => db.Connections.Single(c => c.Id == connection.Id).SchemaReadAt = readAt ?? _desk.Now);
    }

    private async Task<OrganizationFields> FieldsAsync() =>
        Assert.Single(await new OrganizationsQuery(_desk.Database, Options.Create(new SalesforceOptions())).AllAsync(Admins.Adam, Desk.Never)).Fields!;
}
