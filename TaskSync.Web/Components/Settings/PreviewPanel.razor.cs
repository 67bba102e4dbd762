using Microsoft.AspNetCore.Components;
using TaskSync.Sync.Engine.SwitchOn.Preview;
using TaskSync.Sync.Model;
using TaskSync.Web.Components.Shared;

namespace TaskSync.Web.Components.Settings;

/// <summary>What pressing Save would do (F8), looked at while the rep can already go on. It never holds Save back.</summary>
public sealed partial class PreviewPanel : IDisposable
{
    private const int MostLookAlikes = 50;
    private PreviewAnswer? _answer;
    private ImportWindow? _shown;
    private bool _open;
    private bool _linking;
    private string? _problem;
    private CancellationTokenSource _look = new();

    /// <summary>The window as chosen now, saved or not.</summary>
    [Parameter, EditorRequired]
    public ImportWindow Window { get; set; }

    [Parameter, EditorRequired]
    public required RepTime Time { get; set; }

    /// <summary>Looks at both sides; answers rather than throws.</summary>
    [Parameter, EditorRequired]
    public required Func<ImportWindow, CancellationToken, Task<PreviewAnswer>> OnLook { get; set; }

    /// <summary>Links two tasks that look the same; null, or why not.</summary>
    [Parameter, EditorRequired]
    public required Func<LookAlike, Task<string?>> OnLink { get; set; }

    protected override Task OnParametersSetAsync()
    {
        if (_shown == Window)
        {
            return Task.CompletedTask;
        }

        _shown = Window;
        return LookAsync();
    }

    private async Task LookAsync()
    {
        // Another window was chosen meanwhile: the former answer is of no use.
        await _look.CancelAsync();
        _look.Dispose();
        _look = new CancellationTokenSource();
        var current = _look;
        (_answer, _problem) = (null, null);
        try
        {
            var answer = await OnLook(Window, current.Token);
            _answer = current == _look ? answer : _answer;
        }
        catch (OperationCanceledException) when (current.IsCancellationRequested)
        {
        }
    }

    private async Task LinkAsync(LookAlike pair)
    {
        _linking = true;
        var problem = await OnLink(pair);
        _linking = false;
        if (problem is null)
        {
            await LookAsync();
        }

        _problem = problem;
    }

    /// <summary>"12 tasks come in · 0 are sent · 41 of yours stay here".</summary>
    private static IEnumerable<string> Sums(Preview preview)
    {
        yield return preview.ComesIn == 1 ? "1 task comes in" : $"{Words.Number(preview.ComesIn)} tasks come in";
        if (preview.Changes > 0)
        {
            yield return preview.Changes == 1 ? "1 changes" : $"{Words.Number(preview.Changes)} change";
        }

        if (preview.Leaves > 0)
        {
            yield return preview.Leaves == 1 ? "1 leaves your list" : $"{Words.Number(preview.Leaves)} leave your list";
        }

        yield return preview.Sent == 1 ? "1 is sent" : $"{Words.Number(preview.Sent)} are sent";
        if (preview.Asked > 0)
        {
            yield return preview.Asked == 1 ? "1 deletion waits for your word" : $"{Words.Number(preview.Asked)} deletions wait for your word";
        }

        yield return preview.StaysHere == 1 ? "1 of yours stays here" : $"{Words.Number(preview.StaysHere)} of yours stay here";
    }

    private static string Name(PreviewFate fate) => fate switch
    {
        PreviewFate.ComesIn => "Comes in",
        PreviewFate.Changes => "Changes here",
        PreviewFate.Leaves => "Leaves your list",
        PreviewFate.Sent => "Is sent to Salesforce",
        PreviewFate.Asked => "Waits for your word",
        PreviewFate.LosesCounterpart => "Becomes only here",
        _ => "Stays here",
    };

    public void Dispose()
    {
        _look.Cancel();
        _look.Dispose();
    }
}
