namespace TaskSync.Sync.Salesforce;

/// <summary>Who can put a problem right.</summary>
public enum ErrorOwner
{
    Rep,
    SalesforceAdmin,

    /// <summary>TaskSync and those who run it.</summary>
    Us,
}

/// <summary>What an error means to people.</summary>
/// <param name="Code">As Salesforce spells it.</param>
/// <param name="Class">What kind of trouble.</param>
/// <param name="Words">What happened, for the rep.</param>
/// <param name="Owner">Who can put it right.</param>
/// <param name="WhatToDo">The way out.</param>
/// <param name="RetriesItself">Whether TaskSync tries again without being asked.</param>
public sealed record ErrorAdvice(string Code, FailureClass Class, string Words, ErrorOwner Owner, string WhatToDo, bool RetriesItself)
{
    /// <summary>Where a whole request is refused: true when one row of it can be the cause, false when none can, null when nobody knows.</summary>
    public bool? MayBeOfRow { get; init; } = false;
}
