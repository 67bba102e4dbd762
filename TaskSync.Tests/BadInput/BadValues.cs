using System.Reflection;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Reconciliation;

namespace TaskSync.Tests.BadInput;

/// <summary>Values that no honest form sends, the same ones again from the same seed.</summary>
/// <param name="seed">Any number.</param>
/// <param name="known">Ids that mean something, beside those that do not.</param>
internal sealed class BadValues(ulong seed, IReadOnlyList<Guid> known)
{
    private static readonly string[] Texts =
    [
        "", " ", "\t\r\n", "\0", "a\0b", "\u0001\u001f\u007f", "\ud83d", "\udc00x", "a\ud83d\udc00", "😀😀", "\ufeffa", "\uffff\ufffe", "\u202egnp.exe", "a\u0301\u0301\u0301", "\u200b", "İıẞß",
        "' OR 1=1 --", "\\' OR Id != null", "%' OR Subject LIKE '%", "_%[a]", "\"; DROP TABLE Tasks; --", "{0}{1}", "%s%n", "${jndi:ldap://localhost}", "=1+1", "@SUM(A1)", "-2+3",
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "]]>", "<!--", "&#x0;", "javascript:alert(1)", "//evil.example", "/\\evil.example", "https://evil.example/", "/../../etc/passwd", "..\\..\\x",
        "a\r\nSet-Cookie: x=y", "%0d%0aLocation:%20//evil.example", "%00", "%ff%fe", "%u0041", "+", "#", "?", "&a=b", ";", "null", "NaN", "Infinity", "-1", "0", "99999999999999999999", "1e400", "0x10", "true",
        "0001-01-01", "9999-12-31", "2026-02-30", "12/31/9999", "25.12.", "2026-03-05T25:61:61Z", "00:00", "Europe/Vienna", "Etc/GMT+99", "../UTC", "00T000000000001AAA", "003000000000001AAA", "00Q000000000001", "00D000000000009AAA",
        "{\"a\":[", "[[[[[[", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----", "Completed", "Not Started", "High", "Call", "today", "All",
    ];

    private Dice _dice = new(seed);

    public int Next(int sides) => _dice.Next(sides);

    public T Of<T>(IReadOnlyList<T> choices) => choices[Next(choices.Count)];

    /// <summary>A text that a browser can send, of any length up to a million characters.</summary>
    public string Text() => Next(12) switch
    {
        0 => new string((char)Next(char.MaxValue + 1), Of([254, 255, 256, 300, 4_000, 32_000, 32_001, 131_073, 1_000_000])),
        1 => string.Concat(Enumerable.Repeat("😀", Of([127, 128, 16_000, 70_000]))),
        2 => string.Concat(Enumerable.Range(0, Next(40)).Select(_ => (char)Next(char.MaxValue + 1))),
        3 or 4 => Of(Texts) + Of(Texts),
        _ => Of(Texts),
    };

    public Guid Id() => Next(6) switch
    {
        0 => Guid.Empty,
        1 => new Guid(Next(int.MaxValue), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
        _ => Of(known),
    };

    public int Number() => Of([0, 1, -1, 50, int.MaxValue, int.MinValue, int.MaxValue / 50 + 1, Next(1_000)]);

    public DateOnly Day() => Of([DateOnly.MinValue, DateOnly.MaxValue, new DateOnly(1699, 12, 31), new DateOnly(1700, 1, 1), new DateOnly(4000, 12, 31), new DateOnly(4001, 1, 1), new DateOnly(2026, 3, 5)]);

    public DateTimeOffset Instant() => Of(
    [
        DateTimeOffset.MinValue, DateTimeOffset.MaxValue, new DateTimeOffset(1, 1, 1, 14, 0, 0, TimeSpan.FromHours(14)), new DateTimeOffset(9999, 12, 31, 9, 59, 59, TimeSpan.FromHours(-14)),
        new DateTimeOffset(4000, 12, 31, 23, 0, 0, TimeSpan.FromHours(-12)), new DateTimeOffset(2026, 3, 5, 9, 0, 0, TimeSpan.Zero),
    ]);

    /// <summary>What a form of a task can be made to hold.</summary>
    public TaskDraft Draft() => new()
    {
        Subject = Text(),
        DueDate = Maybe(Day),
        Priority = MaybeText(),
        Status = MaybeText(),
        Type = MaybeText(),
        Details = MaybeText(),
        ReminderAt = Maybe(Instant),
        WhoId = MaybeText(),
        WhoName = MaybeText(),
        WhatId = MaybeText(),
        WhatName = MaybeText(),
    };

    /// <summary>An argument of an operation.</summary>
    public object? Argument(ParameterInfo parameter) =>
        Next(4) == 0 && new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable ? null : Any(parameter.ParameterType);

    private object? Any(Type type) => type switch
    {
        _ when Nullable.GetUnderlyingType(type) is { } inner => Next(3) == 0 ? null : Any(inner),
        _ when type == typeof(string) => Text(),
        _ when type == typeof(Guid) => Id(),
        _ when type == typeof(bool) => Next(2) == 0,
        _ when type == typeof(int) => Number(),
        _ when type == typeof(DateOnly) => Day(),
        _ when type == typeof(DateTimeOffset) => Instant(),
        _ when type == typeof(CancellationToken) => CancellationToken.None,
        _ when type == typeof(TaskDraft) => Draft(),

        // A page keeps it and cannot be told another one; what it names may be gone.
        _ when type == typeof(UndoToken) => new UndoToken(Of(Enum.GetValues<UndoKind>()), [new UndoStep(Id(), Sides.Values(), Sides.Values("after"), null)]),
        _ when type == typeof(IReadOnlyCollection<Guid>) => Enumerable.Range(0, Of([0, 1, 2, 3, 2_500])).Select(_ => Id()).ToList(),
        _ when type == typeof(TextWriter) => new StringWriter(),
        _ when type == typeof(Stream) => new MemoryStream(),

        // A form that was tampered with names a member that is not there.
        _ when type.IsEnum => Enum.ToObject(type, Next(Enum.GetValues(type).Length + 2)),
        _ => Made(type),
    };

    /// <summary>A record of such values.</summary>
    private object Made(Type type)
    {
        var made = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First() is var constructor
            ? constructor.Invoke([.. constructor.GetParameters().Select(Argument)]) : throw new InvalidOperationException();
        foreach (var property in type.GetProperties().Where(p => p.CanWrite && !constructor.GetParameters().Any(c => c.Name == p.Name)))
        {
            property.SetValue(made, Any(property.PropertyType));
        }

        return made;
    }

    private string? MaybeText() => Next(3) == 0 ? null : Text();

    private T? Maybe<T>(Func<T> make)
        where T : struct => Next(3) == 0 ? null : make();
}
