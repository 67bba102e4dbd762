using MudBlazor;

namespace TaskSync.Web.Components.Layout;

/// <summary>
/// Our colours for both modes; every pair of text and ground has at least WCAG AA contrast. Both sheets are always in the page and the attribute
/// data-theme on the html element chooses, so that switching needs no round trip and nothing flashes.
/// </summary>
public static class Brand
{
    private static readonly string[] Fonts = ["system-ui", "Segoe UI", "Liberation Sans", "Arial", "sans-serif"];

    public static MudTheme Light { get; } = Theme(":root");

    public static MudTheme Dark { get; } = Theme(":root[data-theme=dark]");

    private static MudTheme Theme(string scope) => new()
    {
        PseudoCss = new() { Scope = scope },
        PaletteLight = new PaletteLight
        {
            Primary = "#0b6e63",
            PrimaryContrastText = "#ffffff",
            PrimaryDarken = "#08574e",
            PrimaryLighten = "#0d8073",
            Secondary = "#44505c",
            SecondaryContrastText = "#ffffff",
            Tertiary = "#7a3fa8",
            TertiaryContrastText = "#ffffff",
            Info = "#1d5fa8",
            InfoContrastText = "#ffffff",
            Success = "#1a7545",
            SuccessContrastText = "#ffffff",
            Warning = "#8a5a00",
            WarningContrastText = "#ffffff",
            Error = "#b3261e",
            ErrorContrastText = "#ffffff",
            Dark = "#1f2529",
            DarkContrastText = "#ffffff",
            TextPrimary = "#1b1f23",
            TextSecondary = "#565e66",
            TextDisabled = "#6f767d",
            ActionDefault = "#565e66",
            ActionDisabled = "#8a9097",
            ActionDisabledBackground = "#e7e7e2",
            Background = "#f6f6f3",
            BackgroundGray = "#efefea",
            Surface = "#ffffff",
            DrawerBackground = "#ffffff",
            DrawerText = "#1b1f23",
            DrawerIcon = "#565e66",
            AppbarBackground = "#ffffff",
            AppbarText = "#1b1f23",
            LinesDefault = "#e3e3dd",
            LinesInputs = "#80868c",
            TableLines = "#e3e3dd",
            TableHover = "#f6f6f3",
            TableStriped = "#fafaf8",
            Divider = "#e3e3dd",
            DividerLight = "#eeeee9",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#43c9b5",
            PrimaryContrastText = "#04211d",
            PrimaryDarken = "#2fb29f",
            PrimaryLighten = "#6cdccb",
            Secondary = "#b4bdc5",
            SecondaryContrastText = "#14181b",
            Tertiary = "#d3a8f5",
            TertiaryContrastText = "#210f30",
            Info = "#8ec1f5",
            InfoContrastText = "#0a1e33",
            Success = "#6fd39b",
            SuccessContrastText = "#06210f",
            Warning = "#f0c36b",
            WarningContrastText = "#2a1d02",
            Error = "#ff9c93",
            ErrorContrastText = "#37100c",
            Dark = "#e9ecee",
            DarkContrastText = "#14181b",
            TextPrimary = "#e9ecee",
            TextSecondary = "#a8b0b7",
            TextDisabled = "#868e95",
            ActionDefault = "#a8b0b7",
            ActionDisabled = "#6c747b",
            ActionDisabledBackground = "#262c30",
            Background = "#101315",
            BackgroundGray = "#0c0e10",
            Surface = "#181c1f",
            Black = "#0c0e10",
            DrawerBackground = "#181c1f",
            DrawerText = "#e9ecee",
            DrawerIcon = "#a8b0b7",
            AppbarBackground = "#181c1f",
            AppbarText = "#e9ecee",
            LinesDefault = "#2a3035",
            LinesInputs = "#7b838a",
            TableLines = "#2a3035",
            TableHover = "#1f2428",
            TableStriped = "#1b2023",
            Divider = "#2a3035",
            DividerLight = "#22272b",
        },
        LayoutProperties = new() { DefaultBorderRadius = "10px", AppbarHeight = "60px" },
        Typography = new()
        {
            Default = new DefaultTypography { FontFamily = Fonts, FontSize = ".9375rem", LineHeight = "1.5", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontFamily = Fonts, FontSize = ".9rem", FontWeight = "600", LineHeight = "1.5", LetterSpacing = "normal", TextTransform = "none" },
            Body1 = new Body1Typography { FontFamily = Fonts, FontSize = ".9375rem", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontFamily = Fonts, FontSize = ".875rem", LetterSpacing = "normal" },
            H6 = new H6Typography { FontFamily = Fonts, FontSize = "1.0625rem", FontWeight = "650", LetterSpacing = "-0.01em" },
        },
    };
}
