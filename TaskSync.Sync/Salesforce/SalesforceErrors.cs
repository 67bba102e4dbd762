using System.Collections.Frozen;
using static TaskSync.Sync.Salesforce.ErrorOwner;
using static TaskSync.Sync.Salesforce.FailureClass;

namespace TaskSync.Sync.Salesforce;

/// <summary>
/// Every error that TaskSync knows, in one table: what kind it is, what it means to a rep, who can put it right and how
/// (SOAP guide, "Core Data Types Used in API Calls: StatusCode and ExceptionCode"; Salesforce help, "OAuth 2.0 error codes").
/// An unknown code is class Other and shown in full.
/// </summary>
public static partial class SalesforceErrors
{
    private const string AskAdmin = "Ask your Salesforce admin";
    private static readonly FrozenDictionary<string, ErrorAdvice> Table =
        Calls().Concat(Rows().Select(OfRow)).Concat(SignIn()).Concat(Ours()).ToFrozenDictionary(advice => advice.Code, StringComparer.OrdinalIgnoreCase);

    /// <summary>Every entry, for tests and the operations guide.</summary>
    public static IEnumerable<ErrorAdvice> All => Table.Values;

    /// <summary>What an error means.</summary>
    /// <param name="code">Salesforce's code, an OAuth error, or one of <see cref="FailureCodes"/>; any case.</param>
    /// <param name="message">Salesforce's message where it decides between meanings of one code; null when there is none.</param>
    public static ErrorAdvice For(string code, string? message = null)
    {
        foreach (var (advice, fragment) in Variants)
        {
            if (message is not null && code.Equals(advice.Code, StringComparison.OrdinalIgnoreCase) && message.Contains(fragment, StringComparison.OrdinalIgnoreCase))
            {
                return advice;
            }
        }

        return Table.TryGetValue(code, out var known) ? known
            : code.StartsWith("HTTP_5", StringComparison.Ordinal) || code is "HTTP_420" or "HTTP_429" or "HTTP_408" ? ServerTrouble(code)
            : new ErrorAdvice(code, Other, $"Salesforce answered with {code}, which TaskSync does not know. Its own words are shown below.", Us, "Read Salesforce's words; retry, or send them to your admin.", RetriesItself: false) { MayBeOfRow = null };
    }

    /// <summary>The advice for a failed call.</summary>
    public static ErrorAdvice For(CallFailure failure) => For(failure.Code, failure.Message);

    /// <summary>What happened and what to do, as one text for Settings.</summary>
    internal static string Explain(string code, string? message) => string.Join(' ', For(code, message).Words, For(code, message).WhatToDo);

    private static ErrorAdvice OfRow(ErrorAdvice advice) => advice with { MayBeOfRow = true };

    private static ErrorAdvice ServerTrouble(string code) =>
        new(code, Intermittent, "Salesforce has trouble answering right now.", Us, "Nothing to do: TaskSync tries again by itself.", RetriesItself: true);

    private static ErrorAdvice Passing(string code, string words) =>
        new(code, Intermittent, words, Us, "Nothing to do: TaskSync tries again by itself.", RetriesItself: true);

    private static ErrorAdvice ByRep(string code, string words, string whatToDo) => new(code, AccessOrValidation, words, Rep, whatToDo, RetriesItself: false);

    private static ErrorAdvice ByAdmin(string code, string words, string whatToDo) =>
        new(code, AccessOrValidation, words, SalesforceAdmin, whatToDo, RetriesItself: false);

    private static ErrorAdvice Bug(string code, string words) =>
        new(code, Other, words, Us, "This is a fault of TaskSync or its set-up: report it with the words below.", RetriesItself: false);
}
