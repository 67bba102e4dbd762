using Microsoft.Extensions.Options;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Jobs;
using TaskSync.Sync.Privacy;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Components.Admin;
using TaskSync.Web.Hosting;
using TaskSync.Web.Salesforce;
using TaskSync.Web.Security;

if (CommandLine.IsCommand(args))
{
    return await CommandLine.RunAsync(args, Console.Out, Console.Error);
}

try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = RootSettings.PublishedContentRoot() });
    builder.AddRootSettings();

    builder.Services
        .AddMachine()
        .AddSystemd() // As a service it says when it serves, and logs with levels. Nothing elsewhere.
        .AddDiscreetLogs()
        .AddTaskSyncData(builder.Configuration)
        .AddSalesforce(builder.Configuration)
        .AddSimulatedSalesforce(builder.Configuration, builder.Environment)
        .AddSalesforceConnections()
        .AddSyncEngine(builder.Configuration)
        .AddTasks()
        .AddStatus()
        .AddPrivacy()
        .AddTaskSyncSecurity(builder.Configuration, builder.Environment)
        .AddTaskSyncHealth()
        .AddPages();

    var app = builder.Build();
    app.LogVersion();

    app.UsePublicAddress();
    app.UseErrorPages();
    app.UseSecurityHeaders();
    app.UseRouting(); // Files and health are answered here, with the headers and without a look at who asks.
    app.UseDatabaseGuard();
    app.UseOriginGuard();
    app.UseSignInLimit();
    app.UseAuthentication();
    app.UseRateLimiter();
    app.UseAuthorization();
    app.UseAccessDenial();
    app.UseAntiforgery();

    app.MapTaskSyncHealth();
    app.MapSignIn();
    app.MapSalesforceConnect();
    app.MapSimulatedSalesforce();
    app.MapRunsExport();
    app.MapPersonExport();
    app.MapMetadataPackage();
    app.MapPages();

    app.Services.GetRequiredService<IStartupValidator>().Validate();
    app.Services.GetRequiredService<SoleInstance>().Hold();
    await app.Services.GetRequiredService<DatabaseMigrator>().MigrateAsync(app.Lifetime.ApplicationStopping);
    await app.Services.PrepareAsync(app.Lifetime.ApplicationStopping);
    await app.RunAsync();
    return 0;
}
catch (Exception failure) when (StartFailure.Words(failure) is { } words)
{
    await Console.Error.WriteLineAsync("TaskSync cannot start. " + words);
    return 1;
}
