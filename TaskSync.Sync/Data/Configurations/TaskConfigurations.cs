using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Data.Configurations;

internal sealed class TaskItemConfiguration : IEntityTypeConfiguration<TaskItem>
{
    public void Configure(EntityTypeBuilder<TaskItem> builder)
    {
        builder.ToTable("Tasks");
        builder.Property(t => t.Id).ValueGeneratedNever();
        foreach (var field in SyncedFields.All)
        {
            if (field.ColumnLength is { } length)
            {
                builder.Property(field.Column).HasMaxLength(length);
            }
        }

        builder.Property(t => t.WhoName).HasMaxLength(255);
        builder.Property(t => t.WhatName).HasMaxLength(255);
        builder.Property(t => t.Revision).IsConcurrencyToken();
        builder.Property(t => t.EditTimes).HasConversion(times => times.ToJson(), json => FieldTimes.FromJson(json)).HasMaxLength(2000);
        builder.Ignore(t => t.Values);
        builder.HasOne<Person>().WithMany().HasForeignKey(t => t.PersonId).OnDelete(DeleteBehavior.Restrict);

        // The Command Center reads open tasks of one rep by date; removed and completed ones are elsewhere.
        builder.HasIndex(t => new { t.PersonId, t.RemovedAt, t.IsCompleted, t.DueDate });
    }
}

internal sealed class TaskLinkConfiguration : IEntityTypeConfiguration<TaskLink>
{
    public void Configure(EntityTypeBuilder<TaskLink> builder)
    {
        builder.ToTable("Links");
        builder.Property(l => l.Id).ValueGeneratedNever();
        builder.Property(l => l.OrganizationId).HasMaxLength(18);
        builder.Property(l => l.SalesforceId).HasMaxLength(18);
        builder.Property(l => l.Key).HasMaxLength(64);
        builder.Property(l => l.Version).IsConcurrencyToken();
        builder.Ignore(l => l.Base);
        builder.Ignore(l => l.Attempts);
        builder.HasOne(l => l.Task).WithOne(t => t.Link).HasForeignKey<TaskLink>(l => l.TaskId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Connection>().WithMany().HasForeignKey(l => l.ConnectionId).OnDelete(DeleteBehavior.Restrict);

        // The guarantee behind "no duplicates": one open link per Salesforce task, one link per key (S5, S7).
        builder.HasIndex(l => new { l.OrganizationId, l.SalesforceId }).IsUnique().HasFilter(Filter.OpenAndKnown);
        builder.HasIndex(l => new { l.OrganizationId, l.Key }).IsUnique();

        // A row's links of any state: a read looks for all of them, which the index of the open ones cannot serve.
        builder.HasIndex([nameof(TaskLink.OrganizationId), nameof(TaskLink.SalesforceId)], "IX_Links_OfRow");
        builder.HasIndex(l => new { l.ConnectionId, l.State });

        // The probe of an idle cycle: which requests of unknown outcome have to be looked after?
        builder.HasIndex(l => new { l.ConnectionId, l.UnknownUntil }).HasFilter(Filter.Unknown);
    }

    /// <summary>Quoted so that every database reads it.</summary>
    private static class Filter
    {
        public const string Unknown = "\"UnknownUntil\" IS NOT NULL";
        public const string OpenAndKnown = "\"State\" = 0 AND \"SalesforceId\" IS NOT NULL";
    }
}

internal sealed class PendingWriteConfiguration : IEntityTypeConfiguration<PendingWrite>
{
    public void Configure(EntityTypeBuilder<PendingWrite> builder)
    {
        builder.ToTable("PendingWrites");
        builder.HasKey(p => p.TaskId);
        builder.Property(p => p.TaskId).ValueGeneratedNever();
        builder.Property(p => p.Version).IsConcurrencyToken();
        builder.HasOne(p => p.Link).WithOne().HasForeignKey<PendingWrite>(p => p.TaskId).HasPrincipalKey<TaskLink>(l => l.TaskId).OnDelete(DeleteBehavior.Cascade);

        // The probe of an idle cycle: which writes of this connection are due?
        builder.HasIndex(p => new { p.ConnectionId, p.ProblemId, p.DueAt });
    }
}

internal sealed class HistoryEntryConfiguration : IEntityTypeConfiguration<HistoryEntry>
{
    public void Configure(EntityTypeBuilder<HistoryEntry> builder)
    {
        builder.ToTable("History");
        builder.Property(h => h.Id).ValueGeneratedNever();
        builder.Property(h => h.Actor).HasLongest(255);

        // It follows from the id.
        builder.Property(h => h.Order).UsePropertyAccessMode(PropertyAccessMode.Property);
        builder.Ignore(h => h.Changes);
        builder.HasIndex(h => new { h.TaskId, h.At });
        builder.HasIndex(h => new { h.PersonId, h.At });
    }
}

internal sealed class ConflictConfiguration : IEntityTypeConfiguration<Conflict>
{
    public void Configure(EntityTypeBuilder<Conflict> builder)
    {
        builder.ToTable("Conflicts");
        builder.Property(c => c.Id).ValueGeneratedNever();
        builder.HasIndex(c => new { c.PersonId, c.SettledAt });
        builder.HasIndex(c => new { c.TaskId, c.SettledAt });
    }
}

internal sealed class ProblemConfiguration : IEntityTypeConfiguration<Problem>
{
    public void Configure(EntityTypeBuilder<Problem> builder)
    {
        builder.ToTable("Problems");
        builder.Property(p => p.Id).ValueGeneratedNever();
        builder.Property(p => p.SalesforceId).HasMaxLength(18);
        builder.Property(p => p.Code).HasLongest(100);
        builder.HasIndex(p => new { p.PersonId, p.State });
        builder.HasIndex(p => p.TaskId);
    }
}
