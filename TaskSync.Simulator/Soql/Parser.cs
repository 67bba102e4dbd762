using System.Globalization;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Soql;

/// <summary>A recursive-descent parser for the part of SOQL the simulator understands.</summary>
internal sealed class Parser
{
    private static readonly string[] Clauses = ["WHERE", "ORDER", "LIMIT", "OFFSET", "USING", "WITH", "GROUP", "HAVING", "FOR", "ALL"];

    private readonly List<Token> _tokens;
    private int _at;

    private Parser(string soql) => _tokens = Lexer.Read(soql);

    /// <summary>Parses or throws MALFORMED_QUERY.</summary>
    public static SoqlQuery Parse(string soql) => new Parser(soql).Query();

    /// <summary>Parses what may stand after WHERE.</summary>
    public static Condition ParseCondition(string condition)
    {
        var parser = new Parser(condition);
        var parsed = parser.Conditions();
        return parser.Here.Kind == TokenKind.End ? parsed : throw parser.Unexpected();
    }

    private Token Here => _tokens[_at];

    private SoqlQuery Query()
    {
        Expect("SELECT");
        var isCount = Here.Is("COUNT") && _tokens[_at + 1].Is("(") && _tokens[_at + 2].Is(")");
        List<SelectItem> select = [];
        if (isCount)
            _at += 3;
        else
            do
                select.Add(Item());
            while (Accept(","));
        Expect("FROM");
        var from = Word();
        var alias = Here.Kind == TokenKind.Word && !Clauses.Any(Here.Is) ? Word() : null;
        var where = Accept("WHERE") ? Conditions() : null;
        List<OrderItem> order = [];
        if (Accept("ORDER"))
        {
            Expect("BY");
            do
                order.Add(Order());
            while (Accept(","));
        }
        int? limit = Accept("LIMIT") ? Count() : null;
        var offset = Accept("OFFSET") ? Count() : 0;
        if (Here.Kind != TokenKind.End)
            throw Unexpected();
        return new SoqlQuery(isCount, select, from, alias, where, order, limit, offset);
    }

    private SelectItem Item()
    {
        if (!Here.Is("FIELDS") || !_tokens[_at + 1].Is("("))
            return new SelectItem(Field(), null);
        _at += 2;
        var which = Word().ToUpperInvariant();
        if (which is not ("ALL" or "STANDARD" or "CUSTOM"))
            throw Unexpected();
        Expect(")");
        return new SelectItem(null, which);
    }

    private OrderItem Order()
    {
        var field = Field();
        var descending = Accept("DESC");
        if (!descending)
            Accept("ASC");
        bool? nullsFirst = null;
        if (Accept("NULLS"))
        {
            nullsFirst = Accept("FIRST");
            if (nullsFirst == false)
                Expect("LAST");
        }
        return new OrderItem(field, descending, nullsFirst);
    }

    /// <summary>Like Salesforce, refuses a mixture of AND and OR without parentheses.</summary>
    private Condition Conditions()
    {
        var parts = new List<Condition> { Single() };
        var word = Here.Is("AND") ? "AND" : "OR";
        while (Accept(word))
            parts.Add(Single());
        if (Here.Is("AND") || Here.Is("OR"))
            throw Unexpected();
        return parts.Count == 1 ? parts[0] : word == "AND" ? new Condition.And(parts) : new Condition.Or(parts);
    }

    private Condition Single()
    {
        if (Accept("NOT"))
            return new Condition.Not(Single());
        if (Accept("("))
        {
            var inner = Conditions();
            Expect(")");
            return inner;
        }
        var field = Field();
        var comparison = Comparison();
        if (comparison is not (Operator.In or Operator.NotIn))
            return new Condition.Comparison(field, comparison, [Value(comparison)]);
        Expect("(");
        var values = new List<Literal>();
        do
            values.Add(Value(comparison));
        while (Accept(","));
        Expect(")");
        return new Condition.Comparison(field, comparison, values);
    }

    private Operator Comparison()
    {
        var token = Here;
        _at++;
        if (token.Is("NOT") && Accept("IN"))
            return Operator.NotIn;
        return token.Value.ToUpperInvariant() switch
        {
            "=" => Operator.Equal,
            "!=" or "<>" => Operator.NotEqual,
            "<" => Operator.Less,
            "<=" => Operator.LessOrEqual,
            ">" => Operator.Greater,
            ">=" => Operator.GreaterOrEqual,
            "LIKE" => Operator.Like,
            "IN" => Operator.In,
            _ => throw Unexpected(token),
        };
    }

    private Literal Value(Operator comparison)
    {
        var token = Here;
        _at++;
        switch (token.Kind)
        {
            case TokenKind.Text:
                return new Literal.Text(comparison == Operator.Like ? token.Value : Like.Unescape(token.Value));
            case TokenKind.Number when double.TryParse(token.Value, CultureInfo.InvariantCulture, out var number):
                return new Literal.Number(number);
            case TokenKind.Moment when SalesforceTime.TryParseDate(token.Value, out var date):
                return new Literal.Date(date);
            case TokenKind.Moment when SalesforceTime.TryParseMoment(token.Value, out var moment):
                return new Literal.Moment(moment);
            case TokenKind.Word when token.Is("NULL"):
                return new Literal.Null();
            case TokenKind.Word when token.Is("TRUE") || token.Is("FALSE"):
                return new Literal.Flag(token.Is("TRUE"));
            case TokenKind.Word when RelativeDates.IsKnown(token.Value):
                return new Literal.Relative(token.Value.ToUpperInvariant(), Accept(":") ? Count() : 0);
            default:
                throw Unexpected(token);
        }
    }

    private FieldName Field()
    {
        var position = Here.Position;
        return new FieldName(Word().Split('.'), position);
    }

    private int Count()
    {
        var token = Here;
        if (token.Kind != TokenKind.Number || !int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            throw Unexpected();
        _at++;
        return count;
    }

    private string Word()
    {
        if (Here.Kind != TokenKind.Word || Here.Is("FROM"))
            throw Unexpected();
        return _tokens[_at++].Value;
    }

    private bool Accept(string word)
    {
        if (!Here.Is(word))
            return false;
        _at++;
        return true;
    }

    private void Expect(string word)
    {
        if (!Accept(word))
            throw Unexpected();
    }

    private ApiException Unexpected(Token? token = null)
    {
        var (_, value, position) = token ?? Here;
        return Errors.Malformed($"\nERROR at Row:1:Column:{position + 1}\nunexpected token: '{value}'");
    }
}
