using Microsoft.AspNetCore.Authentication;

namespace TaskSync.Web.Security;

/// <summary>What an operation refuses to a person is answered as a page that is not theirs is.</summary>
internal static class AccessDenial
{
    public static void UseAccessDenial(this WebApplication app) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context);
        }
        catch (UnauthorizedAccessException) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            await context.ForbidAsync();
        }
    });
}
