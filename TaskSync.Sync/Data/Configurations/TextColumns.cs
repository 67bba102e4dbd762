using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Data.Configurations;

/// <summary>Columns of texts that are only shown.</summary>
internal static class TextColumns
{
    /// <summary>
    /// A longer text is cut when it is stored. For names and reasons that others write: a server refuses what does not fit, and the row with it, and one
    /// letter too many in a name would hold up everything behind it.
    /// </summary>
    public static void HasLongest(this PropertyBuilder property, int length) => property.HasMaxLength(length).HasConversion(new Cut(length));

    private sealed class Cut(int length) : ValueConverter<string, string>(text => Texts.Fit(text, length), text => text);
}
