using Microsoft.AspNetCore.Antiforgery;

namespace TaskSync.Web.Security;

/// <summary>Endpoints that change something answer forms of our own pages only.</summary>
internal static class ForgeryToken
{
    /// <summary>Checks the antiforgery token whatever the parameters are: a POST without form parameters is not checked by the framework.</summary>
    public static RouteHandlerBuilder RequireForgeryToken(this RouteHandlerBuilder endpoint) =>
        endpoint.DisableAntiforgery().AddEndpointFilter(async (context, next) =>
        {
            if (await IsOursAsync(context.HttpContext))
            {
                return await next(context);
            }

            context.HttpContext.RequestServices.GetRequiredService<SecurityLog>().FormRefused(context.HttpContext.Request.Path);
            return TypedResults.Problem("This form is too old or did not come from TaskSync. Go back, reload the page and try again.", statusCode: StatusCodes.Status400BadRequest);
        });

    private static async Task<bool> IsOursAsync(HttpContext http)
    {
        try
        {
            return await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http);
        }
        catch (AntiforgeryValidationException)
        {
            // The body is no form that anybody could read.
            return false;
        }
    }
}
