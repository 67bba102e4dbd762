using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quartz;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Budget;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Engine.SwitchOn.Preview;
using TaskSync.Sync.Instances;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Jobs;

/// <summary>Registers the engine and what runs it.</summary>
public static class EngineServices
{
    /// <summary>Each is a job that runs all the time, and a look at the database every minute.</summary>
    private const int MostShards = 256;

    /// <summary>The engine without anything that runs it by itself: tests ring it. The host adds a TimeProvider and a Random.</summary>
    public static IServiceCollection AddEngineCore(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SyncOptions>().Bind(configuration.GetSection(SyncOptions.Section)).ValidateOnStart()
            .Validate(o => o.Shards is >= 1 and <= MostShards, $"Sync:Shards must be 1 to {MostShards}.")
            .Validate(o => o.PollInterval >= TimeSpan.FromSeconds(1), "Sync:PollInterval must be at least one second (00:00:01).")
            .Validate(o => o.IdlePollInterval >= o.PollInterval, "Sync:IdlePollInterval must not be shorter than Sync:PollInterval.")
            .Validate(o => o.Overlap >= TimeSpan.Zero, "Sync:Overlap must not be negative.")
            .Validate(o => o.SweepInterval > TimeSpan.Zero, "Sync:SweepInterval must be more than nothing.")
            .Validate(o => o.UndoTime >= TimeSpan.Zero, "Sync:UndoTime must not be negative.")
            .Validate(o => o.UnknownOutcomeWait >= TimeSpan.FromMinutes(10), "Sync:UnknownOutcomeWait must be at least 10 minutes: Salesforce may run a request for so long.")
            .Validate(o => o.HistoryTime >= SalesforceLimits.RecycleBin, "Sync:HistoryTime must be at least 15 days (15.00:00:00): so long can a deletion be taken back.")
            .Validate(o => o.HistoryPerTask >= HistoryRetention.NewestKept, $"Sync:HistoryPerTask must be at least {HistoryRetention.NewestKept}: so many lines of each task always stay.")
            .Validate(o => o.ApiShare is > 0 and <= 1, "Sync:ApiShare is a share of the org's allowance: more than 0, at most 1.");
        services.AddSingleton<BackOff>();
        services.AddSingleton<SyncDoorbell>();
        services.AddSingleton<AskedReads>();
        services.AddSingleton<ShardBells>();
        services.AddSingleton<ChangeFeed>();
        services.AddSingleton<Presence>();
        services.AddSingleton<PersonConnections>();
        services.AddSingleton<ShardFences>();
        services.AddSingleton<SyncContexts>();
        services.AddSingleton<ObservationApplier>();
        services.AddSingleton<ApiPaces>();
        services.AddSingleton<ChangePoller>();
        services.AddSingleton<RunLog>();
        services.AddSingleton<RelatedNames>();
        services.AddSwitchOn();
        services.AddCheck();
        services.AddPush();
        services.AddReader();
        services.AddCycle();
        return services;
    }

    /// <summary>The engine, hosted by Quartz, and what connects this instance with others on the same database. With Sync:Engine = false others serve the shards.</summary>
    /// <exception cref="SetupException">The configuration names no usable database, or an instance without engine on a database that no other can share.</exception>
    public static IServiceCollection AddSyncEngine(this IServiceCollection services, IConfiguration configuration)
    {
        var sync = configuration.GetSection(SyncOptions.Section);
        var provider = DataServices.ReadProvider(configuration);
        var (runsEngine, isShared) = (sync.GetValue(nameof(SyncOptions.Engine), true), provider != DatabaseProvider.Sqlite);
        if (!runsEngine && !isShared)
        {
            throw new SetupException("Sync:Engine is false, but a SQLite file serves one instance: nobody would sync. Set it to true, or take a server: Database:Provider.");
        }

        services.AddEngineCore(configuration);
        services.AddHostedService<Arrivals>();
        services.AddInstances(ThisInstance.Named(runsEngine, isShared));
        if (runsEngine)
        {
            services.AddScheduler(configuration, provider);
        }

        return services;
    }

    private static void AddInstances(this IServiceCollection services, ThisInstance self)
    {
        services.AddSingleton(self);
        services.AddSingleton<Neighbours>();
        services.AddSingleton(provider => new ShardCount(provider.GetRequiredService<IOptions<SyncOptions>>().Value.Shards));
        services.AddSingleton<InstanceRegister>();
        if (self.IsShared)
        {
            services.AddSingleton<SignalBell>();
            services.AddSingleton<SignalBoard>();
            services.AddSingleton<SignalTable>();
            services.AddHostedService<InstanceWatch>();
            services.AddHostedService<SignalRelay>();
        }
    }

    private static void AddScheduler(this IServiceCollection services, IConfiguration configuration, DatabaseProvider provider)
    {
        var shards = configuration.GetSection(SyncOptions.Section).GetValue(nameof(SyncOptions.Shards), Shards.Usual);
        services.AddQuartz(configuration.GetSection("Quartz"), quartz => QuartzCluster.Configure(quartz, provider, provider == DatabaseProvider.Sqlite ? "" : DataServices.ServerConnectionString(configuration, QuartzCluster.LongestIdle), shards));
        services.AddOptions<QuartzSchedulerOptions>().Configure<ThisInstance>((scheduler, self) => scheduler.InstanceId = self.Id);
        services.AddQuartzHostedService(options => options.WaitForJobsToComplete = true);
        services.AddSingleton<ShardHolding>();
        services.AddHostedService<ShardSchedule>();
    }

    private static void AddSwitchOn(this IServiceCollection services)
    {
        services.AddSingleton<SyncSwitch>();
        services.AddSingleton<InitialProgress>();
        services.AddSingleton<FirstImport>();
        services.AddSingleton<CatchUp>();
        services.AddSingleton<InitialSyncRunner>();
        services.AddSingleton<PreviewReader>();
        services.AddSingleton<SyncPreview>();
    }

    private static void AddCheck(this IServiceCollection services)
    {
        services.AddSingleton<LinkVerifier>();
        services.AddSingleton<CompletenessSweep>();
        services.AddSingleton<SetAsideRows>();
        services.AddSingleton<AuditComparison>();
        services.AddSingleton<AuditRunner>();
        services.AddSingleton<Retention>();
        services.AddSingleton<HistoryRetention>();
    }

    /// <summary>The steps of a push, in their order.</summary>
    private static void AddPush(this IServiceCollection services)
    {
        services.AddSingleton<DueWrites>();
        services.AddSingleton<CreateLookUp>();
        services.AddSingleton<PushReader>();
        services.AddSingleton<PushPlan>();
        services.AddSingleton<PushSender>();
        services.AddSingleton<BatchSender>();
        services.AddSingleton<OutcomeRecorder>();
        services.AddSingleton<PushRound>();
    }

    private static void AddReader(this IServiceCollection services)
    {
        services.AddSingleton<ReaderRoster>();
        services.AddSingleton<Followers>();
        services.AddSingleton<FollowerRows>();
        services.AddSingleton<ReaderRouter>();
        services.AddSingleton<ReaderSight>();
        services.AddSingleton<ReaderStates>();
        services.AddSingleton<ReaderScopes>();
        services.AddSingleton<ReaderHealth>();
        services.AddSingleton<ReaderPoll>();
        services.AddSingleton<ReaderSweep>();
        services.AddSingleton<ReaderCycle>();
    }

    private static void AddCycle(this IServiceCollection services)
    {
        services.AddSingleton<CycleTerms>();
        services.AddSingleton<CycleDuties>();
        services.AddSingleton<CycleStates>();
        services.AddSingleton<ConnectionCycle>();
        services.AddSingleton<DueConnections>();
        services.AddSingleton<SyncEngine>();
        services.AddSingleton<ShardKeeper>();
    }
}
