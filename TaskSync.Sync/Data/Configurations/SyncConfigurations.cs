using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Data.Configurations;

internal sealed class PersonConfiguration : IEntityTypeConfiguration<Person>
{
    public void Configure(EntityTypeBuilder<Person> builder)
    {
        builder.ToTable("People");
        builder.Property(p => p.Id).ValueGeneratedNever();
        builder.Property(p => p.SubjectId).HasMaxLength(200);
        builder.Property(p => p.Name).HasMaxLength(200);
        builder.Property(p => p.Email).HasMaxLength(320);
        builder.Property(p => p.TimeZone).HasMaxLength(100);
        builder.Property(p => p.BrowserTimeZone).HasMaxLength(100);
        builder.Property(p => p.PauseReason).HasLongest(500);
        builder.Property(p => p.Version).IsConcurrencyToken();
        builder.HasIndex(p => p.SubjectId).IsUnique();
    }
}

internal sealed class SignInConfiguration : IEntityTypeConfiguration<SignIn>
{
    public void Configure(EntityTypeBuilder<SignIn> builder)
    {
        builder.ToTable("SignIns");
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.Property(s => s.Device).HasMaxLength(100);
        builder.HasOne<Person>().WithMany().HasForeignKey(s => s.PersonId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(s => s.PersonId);
    }
}

internal sealed class ConnectionConfiguration : IEntityTypeConfiguration<Connection>
{
    public void Configure(EntityTypeBuilder<Connection> builder)
    {
        builder.ToTable("Connections");
        builder.Property(c => c.Id).ValueGeneratedNever();
        builder.Property(c => c.OrganizationId).HasMaxLength(18);
        builder.Property(c => c.UserId).HasMaxLength(18);
        builder.Property(c => c.Username).HasMaxLength(320);
        builder.Property(c => c.DisplayName).HasLongest(200);
        builder.Property(c => c.OrganizationName).HasLongest(200);
        builder.Property(c => c.InstanceUrl).HasMaxLength(400);
        builder.Property(c => c.UserTimeZone).HasMaxLength(100);
        builder.Property(c => c.Version).IsConcurrencyToken();
        builder.Ignore(c => c.Schema);
        builder.HasOne<Person>().WithMany().HasForeignKey(c => c.PersonId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(c => new { c.PersonId, c.OrganizationId, c.UserId }).IsUnique().HasFilter("\"Kind\" = 0");

        // One Salesforce user, one person: the second is refused by the database too (F9). 0 and 1 are Active and NeedsReconnect.
        builder.HasIndex(c => new { c.OrganizationId, c.UserId, c.Kind }).IsUnique().HasFilter("\"State\" <= 1");
        builder.HasIndex(c => new { c.Shard, c.State });
    }
}

internal sealed class SyncCursorConfiguration : IEntityTypeConfiguration<SyncCursor>
{
    public void Configure(EntityTypeBuilder<SyncCursor> builder)
    {
        builder.ToTable("Cursors");
        builder.HasKey(c => c.ConnectionId);
        builder.Property(c => c.ConnectionId).ValueGeneratedNever();
    }
}

internal sealed class OrgReaderConfiguration : IEntityTypeConfiguration<OrgReader>
{
    public void Configure(EntityTypeBuilder<OrgReader> builder)
    {
        builder.ToTable("Readers");
        builder.HasKey(r => r.ConnectionId);
        builder.Property(r => r.ConnectionId).ValueGeneratedNever();
        builder.Property(r => r.OrganizationId).HasMaxLength(18);
        builder.Property(r => r.StateReason).HasLongest(1000);
        builder.HasOne(r => r.Connection).WithOne().HasForeignKey<OrgReader>(r => r.ConnectionId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(r => r.OrganizationId).IsUnique();
    }
}

internal sealed class OrgTestConfiguration : IEntityTypeConfiguration<OrgTest>
{
    public void Configure(EntityTypeBuilder<OrgTest> builder)
    {
        builder.ToTable("OrgTests");
        builder.HasKey(t => t.OrganizationId);
        builder.Property(t => t.OrganizationId).HasMaxLength(18);
        builder.Property(t => t.AllowedBy).HasLongest(200);
        builder.Property(t => t.Marker).HasMaxLength(64);
        builder.Property(t => t.SalesforceId).HasMaxLength(18);
        builder.Ignore(t => t.Result);
    }
}

internal sealed class InitialSyncConfiguration : IEntityTypeConfiguration<InitialSync>
{
    public void Configure(EntityTypeBuilder<InitialSync> builder)
    {
        builder.ToTable("InitialSyncs");
        builder.HasKey(i => i.ConnectionId);
        builder.Property(i => i.ConnectionId).ValueGeneratedNever();
        builder.Property(i => i.CatchUpPage).HasMaxLength(400);
        builder.Property(i => i.ImportPage).HasMaxLength(400);
        builder.Property(i => i.Version).IsConcurrencyToken();
    }
}

internal sealed class SyncRunConfiguration : IEntityTypeConfiguration<SyncRun>
{
    public void Configure(EntityTypeBuilder<SyncRun> builder)
    {
        builder.ToTable("Runs");
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.HasIndex(r => r.StartedAt);
        builder.HasIndex(r => new { r.PersonId, r.StartedAt });
    }
}

internal sealed class AuditConfiguration : IEntityTypeConfiguration<Audit>
{
    public void Configure(EntityTypeBuilder<Audit> builder)
    {
        builder.ToTable("Audits");
        builder.Property(a => a.Id).ValueGeneratedNever();
        builder.Property(a => a.DuplicateIds).HasMaxLength(500);
        builder.HasIndex(a => new { a.ConnectionId, a.StartedAt });
        builder.HasIndex(a => a.StartedAt);
    }
}

internal sealed class ShardFenceConfiguration : IEntityTypeConfiguration<ShardFence>
{
    public void Configure(EntityTypeBuilder<ShardFence> builder)
    {
        builder.ToTable("Fences");
        builder.HasKey(f => f.Shard);
        builder.Property(f => f.Shard).ValueGeneratedNever();
        builder.Property(f => f.Holder).HasMaxLength(InstanceConfiguration.LongestId);
    }
}

internal sealed class ApiUsageConfiguration : IEntityTypeConfiguration<ApiUsage>
{
    public void Configure(EntityTypeBuilder<ApiUsage> builder)
    {
        builder.ToTable("ApiUsage");
        builder.HasKey(u => new { u.ConnectionId, u.Day, u.Purpose });
        builder.HasIndex(u => u.Day);
    }
}

internal sealed class OrgAllowanceConfiguration : IEntityTypeConfiguration<OrgAllowance>
{
    public void Configure(EntityTypeBuilder<OrgAllowance> builder)
    {
        builder.ToTable("Allowances");
        builder.HasKey(a => a.OrganizationId);
        builder.Property(a => a.OrganizationId).HasMaxLength(18);
    }
}

internal sealed class SyncControlConfiguration : IEntityTypeConfiguration<SyncControl>
{
    public void Configure(EntityTypeBuilder<SyncControl> builder)
    {
        builder.ToTable("Control");
        builder.Property(c => c.Id).ValueGeneratedNever();
        builder.Property(c => c.PausedBy).HasLongest(200);
        builder.Property(c => c.Reason).HasLongest(500);
    }
}

internal sealed class HealthMarkConfiguration : IEntityTypeConfiguration<HealthMark>
{
    public void Configure(EntityTypeBuilder<HealthMark> builder)
    {
        builder.ToTable("HealthMarks");
        builder.Property(m => m.Id).ValueGeneratedNever();
        builder.HasData(new HealthMark { At = DateTimeOffset.UnixEpoch });
    }
}
