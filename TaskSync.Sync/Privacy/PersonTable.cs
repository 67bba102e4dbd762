using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Privacy;

/// <summary>A table that holds what belongs to people. Which tables do follows from the model, so that a new one cannot be forgotten.</summary>
internal sealed class PersonTable
{
    /// <summary>What belongs to an organization, to the installation or to the engine. Who is only mentioned there is <see cref="Mentions"/>' affair.</summary>
    private static readonly Type[] OfNobody =
        [typeof(OrgReader), typeof(OrgTest), typeof(OrgAllowance), typeof(SyncControl), typeof(ShardFence), typeof(HealthMark), typeof(Instance), typeof(Signal), typeof(Microsoft.AspNetCore.DataProtection.EntityFrameworkCore.DataProtectionKey)];

    /// <summary>What opens a door is nobody's to read, not even the person's.</summary>
    private static readonly (Type Type, string Column)[] Secrets =
        [(typeof(Connection), nameof(Connection.AccessToken)), (typeof(Connection), nameof(Connection.RefreshToken)), (typeof(SignIn), nameof(SignIn.Id))];

    private static readonly MethodInfo SetOf = typeof(DbContext).GetMethod(nameof(DbContext.Set), Type.EmptyTypes)!;
    private readonly IEntityType _type;
    private readonly Link _link;

    private PersonTable(IEntityType type) => (_type, _link) = (type, LinkOf(type));

    /// <summary>How a row names its person. In the order in which rows can be deleted: whoever names another row goes before it.</summary>
    private enum Link
    {
        Task,
        Connection,
        Person,
        Itself,
    }

    public string Name => _type.GetTableName()!;

    /// <summary>All columns but those that open a door.</summary>
    public IReadOnlyList<IProperty> Columns => [.. _type.GetProperties().Where(p => !Secrets.Contains((_type.ClrType, p.Name)))];

    /// <summary>The tables of a model, in the order in which their rows can be deleted.</summary>
    /// <exception cref="InvalidOperationException">Nobody has said whose the rows of a table are; the message names it.</exception>
    public static IReadOnlyList<PersonTable> In(IModel model) =>
        [.. model.GetEntityTypes().Where(type => !OfNobody.Contains(type.ClrType)).Select(type => new PersonTable(type)).OrderBy(table => table._link).ThenBy(table => table.Name)];

    /// <summary>The person's rows, in the order of their key.</summary>
    public IOrderedQueryable<object> Of(TaskSyncDb db, Guid personId)
    {
        var (rows, key) = ((IQueryable<object>)SetOf.MakeGenericMethod(_type.ClrType).Invoke(db, null)!, _type.FindPrimaryKey()!.Properties[0].Name);
        return Mine().OrderBy(row => EF.Property<Guid>(row, key));

        IQueryable<object> Mine() => _link switch
        {
            Link.Task => rows.Where(row => db.Tasks.Any(t => t.PersonId == personId && t.Id == EF.Property<Guid>(row, nameof(TaskLink.TaskId)))),
            Link.Connection => rows.Where(row => db.Connections.Any(c => c.PersonId == personId && c.Id == EF.Property<Guid>(row, nameof(SyncCursor.ConnectionId)))),
            Link.Person => rows.Where(row => EF.Property<Guid>(row, nameof(TaskItem.PersonId)) == personId),
            _ => rows.Where(row => EF.Property<Guid>(row, nameof(Person.Id)) == personId),
        };
    }

    private static Link LinkOf(IEntityType type) =>
        type.ClrType == typeof(Person) ? Link.Itself
        : type.FindProperty(nameof(TaskItem.PersonId)) is not null ? Link.Person
        : type.FindProperty(nameof(TaskLink.TaskId)) is not null ? Link.Task
        : type.FindProperty(nameof(SyncCursor.ConnectionId)) is not null ? Link.Connection
        : throw new InvalidOperationException($"{type.ClrType.Name} names no person, task or connection. Name one, or say in {nameof(PersonTable)} that it is nobody's.");
}
