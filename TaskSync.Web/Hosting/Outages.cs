using Microsoft.AspNetCore.Diagnostics;
using TaskSync.Sync.Data;
using TaskSync.Web.Security;

namespace TaskSync.Web.Hosting;

/// <summary>While the database cannot be used every address answers 503 with a page in our words. Open pages live on: they say it themselves and keep what was typed.</summary>
public static class Outages
{
    /// <summary>Circuits, which outlive an outage, and the simulated Salesforce, which has no part in it.</summary>
    private static readonly PathString[] Outside = ["/_blazor", SimulatedSalesforce.Path];

    /// <summary>Errors and unknown addresses end on pages of our own, with the right status code.</summary>
    public static void UseErrorPages(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = "/error",
            CreateScopeForErrors = true,
            StatusCodeSelector = ErrorAnswers.StatusOf,
            SuppressDiagnosticsCallback = context => context.Exception is DatabaseUnavailableException or TooManyRequestsException, // said already, where it was found
        });
        if (!app.Environment.IsDevelopment())
        {
            app.UseHsts();
        }

        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(SimulatedSalesforce.Path) && context.Features.Get<IStatusCodePagesFeature>() is { } pages)
            {
                // The simulated org answers programs: its errors are its own.
                pages.Enabled = false;
            }

            if (context.Features.Get<IStatusCodeReExecuteFeature>() is not null)
            {
                // The page that says so is read, whatever was sent: it is no form, and wants no token of one.
                context.Request.Method = HttpMethods.Get;
            }

            return next(context);
        });
    }

    /// <summary>Looks whether the database can be used before anybody is asked for in it: keys and sign-ins are there as well.</summary>
    public static void UseDatabaseGuard(this WebApplication app) => app.Use(async (context, next) =>
    {
        if (context.Features.Get<IExceptionHandlerFeature>() is not null && context.GetEndpoint()?.RequestDelegate is { } page)
        {
            // The error page is for everybody: it must not fail as what it tells of did.
            await page(context);
            return;
        }

        if (!Outside.Any(path => context.Request.Path.StartsWithSegments(path))
            && await context.RequestServices.GetRequiredService<DatabaseProbe>().LookAsync(context.RequestAborted) is { } trouble)
        {
            throw new DatabaseUnavailableException(trouble);
        }

        await next(context);
    });
}
