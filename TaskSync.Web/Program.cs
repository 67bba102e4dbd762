using TaskSync.Web.Hosting;
using TaskSync.Web.Security;

var builder = WebApplication.CreateBuilder(args);
builder.AddRootSettings();

builder.Services
    .AddTaskSyncData(builder.Configuration)
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

await app.MigrateAsync();
await app.RunAsync();
