namespace TaskSync.Simulator.Seed;

/// <summary>One task of the demo.</summary>
/// <param name="Subject">Its subject.</param>
/// <param name="DueInDays">Due date as days from today; null is none.</param>
/// <param name="TouchedHoursAgo">When it was last changed; above 24 it is outside the window of a first sync.</param>
internal sealed record DemoTask(string Subject, int? DueInDays, int TouchedHoursAgo)
{
    /// <summary>How long before its last change it was created.</summary>
    public int AgeHours { get; init; } = 1;

    public string Priority { get; init; } = "Normal";
    public string Status { get; init; } = "Not Started";
    public string? Type { get; init; }
    public string? Details { get; init; }
    public int? Contact { get; init; }
    public int? Lead { get; init; }
    public int? Deal { get; init; }
}

/// <summary>The reps' tasks. Each has the same mix under other words, so that lists are full but not alike.</summary>
internal static class DemoTasks
{
    private static readonly string[][] Words =
    [
        ["Call Ana about the renewal", "Send the revised quote", "Confirm Thursday's demo", "Answer the security questionnaire"],
        ["Call Farid about pricing", "Send the contract for signature", "Prepare the product demo", "Chase the purchase order"],
        ["Call Kavya before the board meeting", "Send case studies", "Book the site visit", "Review the tender documents"],
    ];

    public static IEnumerable<DemoTask> For(int rep)
    {
        var words = Words[rep % Words.Length];
        return
        [
            new(words[0], 0, 2) { Priority = "High", Type = "Call", Contact = 0, Deal = 0, Details = "Ask who signs, and by when." },
            new(words[1], 0, 5) { Type = "Email", Contact = 1, Deal = 1 },
            new(words[2], 0, 20) { Status = "In Progress", Contact = 2 },
            new("Log notes from this morning's call", 0, 1) { Priority = "Low", Lead = 0 },

            new(words[3], 1, 3) { Priority = "High", Type = "Email", Contact = 3, Deal = 2 },
            new("Follow up after the webinar", 1, 8) { Type = "Call", Lead = 1 },
            new("Agree the agenda for the quarterly review", 1, 22) { Contact = 4, Status = "Waiting on someone else" },

            new("Prepare the quarterly business review", 4, 6) { Contact = 4, Deal = 3, Priority = "High" },
            new("Check in after onboarding", 9, 12) { Type = "Call", Contact = 5 },
            new("Plan the spring campaign", 30, 18) { Priority = "Low", Status = "Deferred" },

            new("Return a missed call", -1, 4) { Type = "Call", Lead = 2, Priority = "High" },
            new("Update the forecast", -3, 23) { AgeHours = 200, Deal = 4 },

            new("Find a new contact in procurement", null, 7) { Contact = 6 },
            new("Send the welcome pack", -1, 10) { Status = "Completed", Type = "Email", Contact = 7, AgeHours = 40 },

            // Last touched days ago: only the wider import windows bring these in.
            new("Renew the master agreement", 0, 24 * 4) { Contact = 8, Deal = 5, AgeHours = 48 },
            new("Call back about references", 0, 24 * 9) { Type = "Call", Lead = 3 },
            new("Introduce the new account manager", 1, 24 * 3) { Type = "Email", Contact = 9 },
            new("Collect feedback on the pilot", 6, 24 * 15) { Contact = 10, Status = "In Progress" },
            new("Share the price list", -12, 24 * 12) { Status = "Completed", Type = "Email", Contact = 11, AgeHours = 96 },
        ];
    }
}
