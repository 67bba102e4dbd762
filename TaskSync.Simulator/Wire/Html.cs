using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace TaskSync.Simulator.Wire;

/// <summary>Markup. What is interpolated into it is encoded unless it is markup itself, so text from records can never become tags.</summary>
internal readonly record struct Html(string Markup)
{
    public static readonly Html Empty = new("");

    public static Html Of(HtmlInterpolation markup) => new(markup.ToString());

    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts.Select(part => part.Markup)));

    public override string ToString() => Markup;
}

[InterpolatedStringHandler]
internal readonly struct HtmlInterpolation(int literalLength, int formattedCount)
{
    private readonly StringBuilder _markup = new(literalLength + formattedCount * 16);

    public void AppendLiteral(string literal) => _markup.Append(literal);

    public void AppendFormatted(Html markup) => _markup.Append(markup.Markup);

    public void AppendFormatted(IEnumerable<Html> parts)
    {
        foreach (var part in parts)
            _markup.Append(part.Markup);
    }

    public void AppendFormatted(string? text) => _markup.Append(WebUtility.HtmlEncode(text));

    public void AppendFormatted(int number) => _markup.Append(number);

    public override string ToString() => _markup.ToString();
}
