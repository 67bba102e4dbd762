using Microsoft.AspNetCore.Components;

namespace TaskSync.Web.Components.Shared;

/// <summary>A label, its control, and what is wrong with it or good to know.</summary>
public sealed partial class Field
{
    private FieldSlot _slot = new("f" + Guid.NewGuid().ToString("N")[..8], null, null);

    [Parameter, EditorRequired]
    public required string Label { get; set; }

    [Parameter]
    public string Class { get; set; } = "";

    [Parameter]
    public string? Error { get; set; }

    [Parameter]
    public string? Hint { get; set; }

    [Parameter, EditorRequired]
    public required RenderFragment<FieldSlot> ChildContent { get; set; }

    protected override void OnParametersSet() => _slot = _slot with
    {
        Invalid = Error is null ? null : "true",
        DescribedBy = Error is not null ? _slot.Id + "-error" : Hint is not null ? _slot.Id + "-hint" : null,
    };
}

/// <summary>What the control of a field must carry so that it belongs to its label and its message.</summary>
public sealed record FieldSlot(string Id, string? Invalid, string? DescribedBy);
