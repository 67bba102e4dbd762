namespace TaskSync.Web.Security;

public enum SignInMode
{
    /// <summary>Microsoft Entra ID (AzureAd:ClientId is set).</summary>
    Entra,

    /// <summary>Demo people, in the Development environment only.</summary>
    Demo,

    /// <summary>Nobody can sign in; the page says which keys to set.</summary>
    NotConfigured,
}

/// <summary>How people sign in on this host.</summary>
public sealed record SignInSettings(SignInMode Mode);

internal static class SignInModes
{
    public static SignInMode From(IConfiguration configuration, IHostEnvironment environment) =>
        !string.IsNullOrWhiteSpace(configuration["AzureAd:ClientId"]) ? SignInMode.Entra
        : environment.IsDevelopment() ? SignInMode.Demo
        : SignInMode.NotConfigured;
}
