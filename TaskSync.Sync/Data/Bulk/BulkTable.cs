using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Data.Bulk;

/// <summary>A table as rows are written into it: names and values come from EF Core's model, so a new column is written without a word here.</summary>
internal sealed class BulkTable
{
    private BulkTable(string name, IReadOnlyList<BulkColumn> columns) => (Name, Columns) = (name, columns);

    public string Name { get; }

    public IReadOnlyList<BulkColumn> Columns { get; }

    /// <summary>The table of an entity, made once for each model.</summary>
    public static BulkTable Of<T>(IModel model)
        where T : class
    {
        var entity = model.FindEntityType(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T).Name} is not in the model.");
        return entity.GetOrAddRuntimeAnnotationValue(nameof(BulkTable), static found => Make(found!), entity);
    }

    private static BulkTable Make(IEntityType entity)
    {
        var table = StoreObjectIdentifier.Create(entity, StoreObjectType.Table) ?? throw new InvalidOperationException($"{entity.Name} has no table.");
        return new BulkTable(table.Name, [.. entity.GetProperties().Select(property => new BulkColumn(property.GetColumnName(table)!, property))]);
    }
}

/// <summary>A column, and how its value is got from a row.</summary>
internal sealed class BulkColumn
{
    private readonly IClrPropertyGetter _getter;
    private readonly Func<object?, object?>? _convert;

    [SuppressMessage("Usage", "EF1001", Justification = "The getter is what EF Core itself reads a row with.")]
    internal BulkColumn(string name, IProperty property)
    {
        (Name, Mapping) = (name, property.GetRelationalTypeMapping());
        _getter = property.GetGetter();
        var (converter, type) = (Mapping.Converter, Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType);
        _convert = converter is not null ? converter.ConvertToProvider : type == typeof(string) ? text => text is string some ? Texts.Storable(some) : null : null;
        ProviderType = converter?.ProviderClrType ?? (type.IsEnum ? Enum.GetUnderlyingType(type) : type);
        ProviderType = Nullable.GetUnderlyingType(ProviderType) ?? ProviderType;
        if (converter is null && type.IsEnum)
        {
            _convert = value => value is null ? null : Convert.ChangeType(value, ProviderType, System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    public string Name { get; }

    public RelationalTypeMapping Mapping { get; }

    /// <summary>What the database's client is given.</summary>
    public Type ProviderType { get; }

    /// <summary>The value as the database's client takes it; null where the row has none.</summary>
    public object? ValueOf(object row)
    {
        var value = _getter.GetClrValue(row);
        return value is null || _convert is null ? value : _convert(value);
    }
}
