using System.Text;
using TaskSync.Simulator.Refusals;

namespace TaskSync.Simulator.Soql;

internal enum TokenKind { Word, Text, Number, Moment, Symbol, End }

internal readonly record struct Token(TokenKind Kind, string Value, int Position)
{
    public bool Is(string word) => Kind is TokenKind.Word or TokenKind.Symbol && string.Equals(Value, word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Cuts SOQL into words, quoted texts, numbers, dates and symbols.</summary>
internal static class Lexer
{
    private static readonly string[] TwoCharacterSymbols = ["!=", "<>", "<=", ">="];

    public static List<Token> Read(string soql)
    {
        var tokens = new List<Token>();
        for (var at = 0; at < soql.Length;)
        {
            var c = soql[at];
            if (char.IsWhiteSpace(c))
                at++;
            else if (c == '\'')
                tokens.Add(QuotedText(soql, ref at));
            else if (char.IsLetter(c) || c is '_' or '$')
                tokens.Add(new Token(TokenKind.Word, Take(soql, at, IsWordPart), Advance(soql, ref at, IsWordPart)));
            else if (char.IsDigit(c) || (c is '-' or '+' && at + 1 < soql.Length && char.IsDigit(soql[at + 1])))
                tokens.Add(NumberOrMoment(soql, ref at));
            else
                tokens.Add(Symbol(soql, ref at));
        }
        tokens.Add(new Token(TokenKind.End, "<EOF>", soql.Length));
        return tokens;
    }

    private static bool IsWordPart(char c) => char.IsLetterOrDigit(c) || c is '_' or '.' or '$';

    private static bool IsMomentPart(char c) => char.IsLetterOrDigit(c) || c is '-' or ':' or '.' or '+';

    private static string Take(string soql, int at, Func<char, bool> part)
    {
        var end = at;
        while (end < soql.Length && (end == at || part(soql[end])))
            end++;
        return soql[at..end];
    }

    private static int Advance(string soql, ref int at, Func<char, bool> part)
    {
        var start = at;
        at += Take(soql, at, part).Length;
        return start;
    }

    private static Token NumberOrMoment(string soql, ref int at)
    {
        var text = Take(soql, at, IsMomentPart);
        var start = at;
        at += text.Length;
        var isMoment = text.IndexOf('-', 1) > 0;
        return new Token(isMoment ? TokenKind.Moment : TokenKind.Number, text, start);
    }

    private static Token Symbol(string soql, ref int at)
    {
        var start = at;
        var two = at + 1 < soql.Length ? soql.Substring(at, 2) : "";
        at += TwoCharacterSymbols.Contains(two) ? 2 : 1;
        return new Token(TokenKind.Symbol, soql[start..at], start);
    }

    private static Token QuotedText(string soql, ref int at)
    {
        var start = at++;
        var text = new StringBuilder();
        while (at < soql.Length && soql[at] != '\'')
        {
            if (soql[at] != '\\')
            {
                text.Append(soql[at++]);
                continue;
            }
            if (++at == soql.Length)
                break;
            text.Append(Escaped(soql[at], start));
            at++;
        }
        if (at >= soql.Length)
            throw Errors.Malformed($"line 1:{start} mismatched character '<EOF>' expecting '''");
        at++;
        return new Token(TokenKind.Text, text.ToString(), start);
    }

    private static string Escaped(char c, int position) => c switch
    {
        'n' or 'N' => "\n",
        'r' or 'R' => "\r",
        't' or 'T' => "\t",
        'b' or 'B' => "\b",
        'f' or 'F' => "\f",
        '"' or '\'' => c.ToString(),
        // LIKE needs to know what was escaped; Literals unescapes the rest.
        '\\' or '_' or '%' => "\\" + c,
        _ => throw Errors.Malformed($"line 1:{position} Illegal character '\\{c}' in string literal"),
    };
}
