using Quartz;
using TaskSync.Sync.Data;

namespace TaskSync.Sync.Jobs;

/// <summary>
/// How Quartz keeps its jobs: in memory where one instance is alone, in the database where several share it. Its tables are made by our migrations; it looks at
/// its start whether they are there.
/// </summary>
internal static class QuartzCluster
{
    /// <summary>Whoever has not checked in for these two together is taken for dead.</summary>
    private static readonly TimeSpan CheckIn = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CheckInGrace = TimeSpan.FromSeconds(3);

    /// <summary>How often an instance looks for a shard that nobody serves.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);

    /// <summary>All instances wait for the lock rows of Quartz, so nobody may keep one who was stopped or cut off with it. Its transactions are short.</summary>
    public static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(3);

    /// <summary>Of the jobs that are no shards.</summary>
    private const int OtherJobs = 4;

    public static void Configure(IQuartzBuilder quartz, DatabaseProvider provider, string connectionString, int shards)
    {
        quartz.ConfigureScheduler(scheduler =>
        {
            scheduler.InstanceName = QuartzTables.Scheduler;
            scheduler.IdleWaitTime = Idle;

            // All at once: a look that takes one trigger sees one, and where the first cannot be fired (an instance that woke up gave free what another serves by now)
            // those behind it would wait for ever.
            scheduler.MaxBatchSize = shards + OtherJobs;
        });
        quartz.UseDefaultThreadPool(shards + OtherJobs);
        if (provider == DatabaseProvider.Sqlite)
        {
            return;
        }

        quartz.UsePersistentStore(store =>
        {
            if (provider == DatabaseProvider.PostgreSql)
            {
                store.UsePostgres(connectionString);
            }
            else
            {
                store.UseSqlServer(connectionString);
            }

            store.UseClustering(cluster => (cluster.CheckinInterval, cluster.CheckinMisfireThreshold) = (CheckIn, CheckInGrace));
            store.ConfigureStore(options =>
            {
                options.StoreJobDataAsStrings = true;
                options.TablePrefix = QuartzTables.Prefix;
                options.SchemaProvisioning = SchemaProvisioning.Validate;

                // A trigger that is set aside as faulty would leave its shard alone until somebody notices.
                options.MaxConsecutiveFireFailures = 0;
            });
        });
    }
}
