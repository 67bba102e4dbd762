using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Data.Configurations;

internal sealed class InstanceConfiguration : IEntityTypeConfiguration<Instance>
{
    public const int LongestId = 100;

    public void Configure(EntityTypeBuilder<Instance> builder)
    {
        builder.ToTable("Instances");
        builder.Property(i => i.Id).HasMaxLength(LongestId);
        builder.Property(i => i.Version).HasMaxLength(100);
    }
}

internal sealed class SignalConfiguration : IEntityTypeConfiguration<Signal>
{
    public void Configure(EntityTypeBuilder<Signal> builder)
    {
        builder.ToTable("Signals");
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.Property(s => s.InstanceId).HasMaxLength(InstanceConfiguration.LongestId);
        builder.HasIndex(s => s.At);
    }
}

internal sealed class NoteConfiguration : IEntityTypeConfiguration<Note>
{
    public void Configure(EntityTypeBuilder<Note> builder)
    {
        builder.ToTable("Notes");
        builder.Property(n => n.Id).HasMaxLength(64);
        builder.Property(n => n.Words).HasLongest(2000);
        builder.Property(n => n.Exact).HasLongest(2000);
        builder.HasIndex(n => n.At);
    }
}
