namespace TaskSync.Simulator.Setup;

/// <summary>A customer's validation rule on Task: a save that makes the condition true is refused with FIELD_CUSTOM_VALIDATION_EXCEPTION.</summary>
/// <param name="Name">Names the rule; adding another of the same name replaces it.</param>
/// <param name="When">A condition as after WHERE in SOQL, like <c>Status = 'Completed' AND CallDisposition = null</c>.</param>
/// <param name="Message">What the user is told.</param>
/// <param name="Field">The field the message is shown at; null is the top of the page.</param>
public sealed record ValidationRule(string Name, string When, string Message, string? Field = null);

/// <summary>A customer's trigger on Task: a save that makes the condition true also sets a field, in the same write and in the name of the same user.</summary>
/// <param name="Name">Names the trigger; adding another of the same name replaces it.</param>
/// <param name="When">A condition as after WHERE in SOQL.</param>
/// <param name="Field">The text field that is set; it may be the one just written.</param>
/// <param name="Value">The text; <c>{Subject}</c> stands for the value of that field. Null empties the field.</param>
public sealed record TaskTrigger(string Name, string When, string Field, string? Value);
