using Microsoft.AspNetCore.Components;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.Layout;

public sealed partial class SignIn
{
    [Inject]
    public required SignInSettings SignIns { get; set; }

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    [SupplyParameterFromQuery(Name = "failed")]
    private string? Failed { get; set; }

    /// <summary>Why a sign-in ended, when one did.</summary>
    [SupplyParameterFromQuery(Name = "ended")]
    private string? Ended { get; set; }

    private string MicrosoftUrl => "/sign-in/microsoft?returnUrl=" + Uri.EscapeDataString(LocalUrl.OrHome(ReturnUrl));
}
