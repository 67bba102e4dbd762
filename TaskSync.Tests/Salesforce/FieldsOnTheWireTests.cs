using TaskSync.Simulator;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Tests.Model;

namespace TaskSync.Tests.Salesforce;

/// <summary>Each field of the table, written to a simulated org and read from it.</summary>
public sealed class FieldsOnTheWireTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_field_is_created_changed_emptied_and_read_back()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var samples = SampleValues.All
            .With(TaskField.Person, rig.Org.CreateRecord("Contact", new() { ["LastName"] = "Adler" }))
            .With(TaskField.RelatedTo, rig.Org.CreateRecord("Account", new() { ["Name"] = "Adler & Söhne" }));
        var created = Written(await rig.Api.CreateAsync(Caller.Unasked(connection), [new NewTask("TSK-1", samples)], Token));
        Assert.Equal(TaskFields.All, created.Sent);
        Assert.Equal(samples, await ReadAsync());

        foreach (var field in SyncedFields.All.Where(field => !field.IsNeverEmpty))
        {
            var emptied = TaskValues.Unknown.With(field.Field, null);
            Assert.Equal(emptied.Known, Written(await rig.Api.UpdateAsync(Caller.Unasked(connection), [new TaskChange(created.Id, emptied)], Token)).Sent);
            Assert.Equal(samples.Overlay(emptied), await ReadAsync());
            await rig.Api.UpdateAsync(Caller.Unasked(connection), [new TaskChange(created.Id, samples.Only(field.Field.AsSet()))], Token);
            Assert.Equal(samples, await ReadAsync());
        }

        async Task<TaskValues> ReadAsync() => Assert.Single((await rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Read, new("Id != null"), Token)).Tasks).Values;
    }

    [Fact]
    public async Task Each_field_that_is_hidden_or_read_only_is_so_in_the_schema()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        foreach (var field in SyncedFields.All)
        {
            var others = TaskFields.All & ~field.Field.AsSet();
            rig.Org.HideField(field.SalesforceName);
            var hidden = await rig.Api.ReadSchemaAsync(Caller.Unasked(connection), Token);
            Assert.Equal((others, others, others), (hidden.Readable, hidden.Createable, hidden.Updateable));

            rig.Org.SetFieldAccess(field.SalesforceName, FieldAccess.ReadOnly);
            var readOnly = await rig.Api.ReadSchemaAsync(Caller.Unasked(connection), Token);
            Assert.Equal((TaskFields.All, others, others), (readOnly.Readable, readOnly.Createable, readOnly.Updateable));
            rig.Org.ShowField(field.SalesforceName);
        }
    }

    private static WriteOutcome.Written Written(IReadOnlyList<WriteOutcome> outcomes) => Assert.IsType<WriteOutcome.Written>(Assert.Single(outcomes));
}
