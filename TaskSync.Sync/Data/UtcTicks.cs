using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace TaskSync.Sync.Data;

/// <summary>
/// Stores an instant as its UTC ticks. SQLite cannot compare <see cref="DateTimeOffset"/>, and PostgreSQL keeps microseconds only:
/// a stamp that was read back would no longer equal the one in memory.
/// </summary>
internal sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(value => value.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
