using Microsoft.Extensions.Options;

namespace TaskSync.Web.Hosting;

/// <summary>
/// Every request counts as one to Web:PublicUrl, whatever its Host header says: redirects, the addresses that Microsoft and Salesforce send people back to, and
/// secure cookies follow from that. A host of Web:TrustedOrigins stays what it is. Without Web:PublicUrl, in Development only, the request is believed.
/// </summary>
internal static class PublicAddress
{
    public static void UsePublicAddress(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<WebOptions>>().Value;
        if (WebOptions.OriginOf(options.PublicUrl) is not { } own)
        {
            return;
        }

        var home = new Uri(own);
        var trusted = options.TrustedOrigins.ToDictionary(origin => new Uri(origin).Authority, origin => new Uri(origin), StringComparer.OrdinalIgnoreCase);
        app.Use((context, next) =>
        {
            // The simulated Salesforce is another site, which is reached at the address that this process listens on.
            if (!context.Request.Path.StartsWithSegments(SimulatedSalesforce.Path))
            {
                var address = trusted.GetValueOrDefault(context.Request.Host.Value ?? "") ?? home;
                (context.Request.Scheme, context.Request.Host) = (address.Scheme, new HostString(address.Authority));
            }

            return next(context);
        });
    }
}
