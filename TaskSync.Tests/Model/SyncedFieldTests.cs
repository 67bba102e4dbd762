using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Tasks;

namespace TaskSync.Tests.Model;

public sealed class SyncedFieldTests : IAsyncDisposable
{
    private readonly Desk _desk = new();

    public static TheoryData<TaskField> Fields => [.. TaskFieldSets.Every];

    public static TheoryData<TaskField> TextFields => [.. SyncedFields.All.Where(entry => entry.MaxLength is not null).Select(entry => entry.Field)];

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public void The_table_has_one_entry_for_each_field_in_order()
    {
        Assert.Equal(TaskFieldSets.Every, SyncedFields.All.Select(field => field.Field));
        Assert.Equal(TaskFields.All, SyncedFields.All.AsSet());
        Assert.All(SyncedFields.All, field => Assert.Equal(field.Field.ToString(), field.Field.AsSet().ToString()));
    }

    [Fact]
    public void No_two_fields_share_a_name_a_column_or_a_field_of_Salesforce()
    {
        Assert.Distinct(SyncedFields.All.Select(field => field.Name));
        Assert.Distinct(SyncedFields.All.Select(field => field.Column));
        Assert.Distinct(SyncedFields.All.SelectMany(field => field.SalesforceNames));
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_value_goes_into_a_task_and_out_again_and_touches_no_other_field(TaskField field)
    {
        var (task, sample) = (new TaskItem(), SampleValues.Of(field.Entry()));
        var before = task.Values;

        task.Take(TaskValues.Unknown.With(field, sample));

        Assert.Equal(before.With(field, sample), task.Values);
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_value_can_be_emptied_unless_a_task_always_has_one(TaskField field)
    {
        var task = new TaskItem();
        task.Take(SampleValues.All);

        task.Take(TaskValues.Unknown.With(field, null));

        var kept = field.Entry().Kind == FieldKind.Choice;
        Assert.Equal(kept ? SampleValues.All : SampleValues.All.With(field, null), task.Values);
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_value_goes_through_JSON_unchanged_and_an_unknown_one_stays_unknown(TaskField field)
    {
        Assert.Equal(SampleValues.All, TaskValues.FromJson(SampleValues.All.ToJson()));
        Assert.Equal(SampleValues.All.With(field, null), TaskValues.FromJson(SampleValues.All.With(field, null).ToJson()));
        Assert.Equal(SampleValues.All.Without(field.AsSet()), TaskValues.FromJson(SampleValues.All.Without(field.AsSet()).ToJson()));
    }

    [Fact]
    public void Every_value_goes_through_the_database_unchanged()
    {
        var task = new TaskItem { PersonId = _desk.Rita };
        task.Take(SampleValues.All);
        _desk.Change(db => db.Tasks.Add(task));

        Assert.Equal(SampleValues.All, _desk.Task(task.Id).Values);
    }

    [Fact]
    public async Task Every_value_goes_through_the_form_and_its_history_line_has_the_fields_name()
    {
        var id = await _desk.NewTask();

        Desk.Saved(await _desk.Edit(id, draft => draft with { Values = SampleValues.All }));

        Assert.Equal(SampleValues.All, _desk.Task(id).Values);
        var details = (await _desk.Details.LoadAsync(_desk.Rita, id, Desk.Never))!;
        Assert.Equal(SyncedFields.All.Select(field => (field.Field, field.Name)), details.History[0].Changes.Select(change => (change.Field, change.Name)));
        Assert.All(details.History[0].Changes, change => Assert.NotEqual(change.Before, change.After));
    }

    [Fact]
    public void Each_column_is_as_long_as_the_table_says()
    {
        var columns = _desk.Read(db => db.Model).FindEntityType(typeof(TaskItem))!;

        Assert.All(SyncedFields.All, field => Assert.Equal(field.ColumnLength, columns.FindProperty(field.Column)!.GetMaxLength()));
    }

    [Theory]
    [MemberData(nameof(TextFields))]
    public void A_text_as_long_as_its_field_is_accepted_and_a_longer_one_refused(TaskField field)
    {
        var entry = field.Entry();
        Assert.Empty(Errors(new string('x', entry.MaxLength!.Value)));

        var error = Assert.Single(Errors(new string('x', entry.MaxLength.Value + 1)));

        Assert.Equal(field, error.Field);
        Assert.StartsWith($"{entry.Name} can be at most {entry.MaxLength:N0} characters", error.Message, StringComparison.Ordinal);
        Assert.True(entry.ColumnLength is null || entry.ColumnLength >= entry.MaxLength);

        IReadOnlyList<FieldError> Errors(string text) =>
            TaskRules.Check(new TaskDraft { Values = SampleValues.All.With(field, text) }, OrgSchema.Default);
    }

    [Fact]
    public void Every_field_has_words_and_every_free_text_a_length()
    {
        Assert.All(SyncedFields.All, field =>
        {
            Assert.NotEmpty(field.Name);
            Assert.EndsWith(".", field.Rule(OrgSchema.Default), StringComparison.Ordinal);
            Assert.Equal(field.Kind is FieldKind.Text or FieldKind.LongText or FieldKind.Picklist, field.MaxLength is not null);
            Assert.Equal(field.Kind == FieldKind.Choice, field.Choices is not null);
        });
    }
}
