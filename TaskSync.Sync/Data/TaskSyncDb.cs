using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Data;

/// <summary>The one database that pages and engine share. Made per operation by <see cref="IDbContextFactory{TContext}"/>, never kept for a circuit.</summary>
public abstract class TaskSyncDb(DbContextOptions options) : DbContext(options), IDataProtectionKeyContext
{
    public DbSet<Person> People => Set<Person>();

    public DbSet<SignIn> SignIns => Set<SignIn>();

    public DbSet<Connection> Connections => Set<Connection>();

    public DbSet<TaskItem> Tasks => Set<TaskItem>();

    public DbSet<TaskLink> Links => Set<TaskLink>();

    public DbSet<PendingWrite> PendingWrites => Set<PendingWrite>();

    public DbSet<SyncCursor> Cursors => Set<SyncCursor>();

    public DbSet<OrgReader> Readers => Set<OrgReader>();

    public DbSet<OrgTest> OrgTests => Set<OrgTest>();

    public DbSet<InitialSync> InitialSyncs => Set<InitialSync>();

    public DbSet<SyncRun> Runs => Set<SyncRun>();

    public DbSet<Audit> Audits => Set<Audit>();

    public DbSet<HistoryEntry> History => Set<HistoryEntry>();

    public DbSet<Problem> Problems => Set<Problem>();

    public DbSet<Conflict> Conflicts => Set<Conflict>();

    public DbSet<ShardFence> Fences => Set<ShardFence>();

    public DbSet<ApiUsage> ApiUsage => Set<ApiUsage>();

    public DbSet<OrgAllowance> Allowances => Set<OrgAllowance>();

    public DbSet<SyncControl> Control => Set<SyncControl>();

    public DbSet<HealthMark> HealthMarks => Set<HealthMark>();

    public DbSet<Instance> Instances => Set<Instance>();

    public DbSet<Signal> Signals => Set<Signal>();

    public DbSet<Note> Notes => Set<Note>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <summary>Raises every changed row's concurrency token, and makes texts storable, the same way on every database. Looks for changes once: to list them and to save them would each look at every row anew.</summary>
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        ChangeTracker.DetectChanges();
        ChangeTracker.AutoDetectChangesEnabled = false;
        try
        {
            foreach (var entry in ChangeTracker.Entries().Where(e => e.State is EntityState.Added or EntityState.Modified))
            {
                MakeStorable(entry);
                var token = entry.State == EntityState.Added ? null : entry.Properties.FirstOrDefault(p => p.Metadata.IsConcurrencyToken && p.Metadata.ClrType == typeof(long));
                if (token is not null)
                {
                    token.CurrentValue = (long)token.OriginalValue! + 1;
                }
            }

            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        }
        finally
        {
            ChangeTracker.AutoDetectChangesEnabled = true;
        }
    }

    /// <summary>PostgreSQL stores neither NUL nor half of a character. What people type and what Salesforce tells is clean; this is for texts that come from elsewhere, such as the words of a failure.</summary>
    private static void MakeStorable(EntityEntry entry)
    {
        foreach (var property in entry.Properties)
        {
            if (property.CurrentValue is string text && Texts.Storable(text) is var storable && !ReferenceEquals(storable, text))
            {
                property.CurrentValue = storable;
            }
        }
    }

    /// <summary>Small letters, in queries only. On SQLite ask for <c>KnowEveryLetterAsync</c> first.</summary>
    public static string? Lower(string? text) => throw new InvalidOperationException("Lower is for queries.");

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(TaskSyncDb).Assembly);
        modelBuilder.HasDbFunction(() => Lower(null)).HasName("lower").IsBuiltIn();
    }
}
