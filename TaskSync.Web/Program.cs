using TaskSync.Sync.Data;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Hosting;
using TaskSync.Web.Security;

var builder = WebApplication.CreateBuilder(args);
builder.AddRootSettings();

builder.Services
    .AddTaskSyncData(builder.Configuration)
    .AddTemporaryEngine()
    .AddTasks()
    .AddStatus()
    .AddTaskSyncSecurity(builder.Configuration, builder.Environment)
    .AddTaskSyncHealth()
    .AddPages();

var app = builder.Build();

app.UseErrorPages();
app.UseSecurityHeaders();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();

app.MapTaskSyncHealth();
app.MapSignIn();
app.MapPages();

await app.Services.GetRequiredService<DatabaseMigrator>().MigrateAsync(app.Lifetime.ApplicationStopping);
await app.RunAsync();
