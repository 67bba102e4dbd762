using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using TaskSync.Sync.Data;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Security;

namespace TaskSync.Web.Hosting;

/// <summary>What a failed request is answered: the status, when to come back, and the words. Programs get them as problem details (RFC 9457), people on the page /error.</summary>
internal sealed class ErrorAnswers : IExceptionHandler
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    public static int StatusOf(Exception failure) => failure switch
    {
        TooManyRequestsException => StatusCodes.Status429TooManyRequests,
        BadHttpRequestException bad => bad.StatusCode,
        _ when DatabaseFailures.TroubleOf(failure) is not null => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>What is wrong, that nothing is lost, and what to do.</summary>
    public static string WordsOf(Exception? failure) => failure switch
    {
        TooManyRequestsException limited => $"{limited.Message} What you saved is safe. {LimitWords.TryAgain(limited.Wait)}",
        not null when DatabaseFailures.TroubleOf(failure) is { } trouble => $"{trouble.Words()} What you saved is safe. {trouble.Advice()}",
        BadHttpRequestException => "TaskSync could not understand that, so nothing was changed. Go back, reload the page and try again.",
        _ => "TaskSync could not answer. What you saved is safe. Please try again in a moment.",
    };

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        TimeSpan? wait = exception is TooManyRequestsException limited ? limited.Wait : DatabaseFailures.TroubleOf(exception) is not null ? LookAgain : null;
        if (wait is { } time)
        {
            httpContext.Response.Headers.RetryAfter = time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        }

        if (WantsPage(httpContext.Request))
        {
            return false;
        }

        await TypedResults.Problem(WordsOf(exception), statusCode: StatusOf(exception)).ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>Browsers name HTML when somebody goes somewhere or sends a form. Who says nothing is taken for one.</summary>
    private static bool WantsPage(HttpRequest request) => (HttpMethods.IsGet(request.Method) || HttpMethods.IsPost(request.Method))
        && (request.Headers.Accept.Count == 0 || request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase));
}
