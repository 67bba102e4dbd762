using Microsoft.JSInterop;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Components.Shared;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>Which rows of a long group are there: those around what is seen.</summary>
public sealed partial class CommandCenterPage
{
    /// <summary>So many rows are there on each side of what is seen, so that scrolling shows no gap before the next ones have come.</summary>
    private const int Around = 30;

    private readonly Dictionary<string, (int From, int To)> _windows = [];
    private Dictionary<Guid, TaskRow> _rows = [];
    private bool _settled;

    /// <summary>Called by the browser when rows of a long group are seen that are nearly the last ones there.</summary>
    /// <param name="title">The group's.</param>
    /// <param name="first">The first row that is seen.</param>
    /// <param name="last">The first row after them that is not.</param>
    [JSInvokable]
    public Task OnSeen(string title, int first, int last) => InvokeAsync(async () =>
    {
        if (_model?.Groups.FirstOrDefault(group => group.Title == title) is { } group)
        {
            Window(group, first, last);
            await FillSeenAsync();
            StateHasChanged();
        }
    });

    private IEnumerable<ListedTask> Listed() => _model?.Groups.SelectMany(group => group.Tasks) ?? [];

    private TaskGroup? GroupOf(Guid id) => _model?.Groups.FirstOrDefault(group => group.Tasks.Any(task => task.Id == id));

    private (int From, int To) WindowOf(TaskGroup group)
    {
        if (group.Count <= CommandCenterQuery.InFull)
        {
            return (0, group.Count);
        }

        // Meanwhile it may have become shorter.
        var (from, to) = _windows.GetValueOrDefault(group.Title, (0, CommandCenterQuery.FirstRows));
        return (Math.Clamp(from, 0, Math.Max(0, group.Count - (to - from))), Math.Min(to, group.Count));
    }

    /// <summary>A list that was just opened is drawn in two steps: what a screen holds, and the rest when that is there.</summary>
    private (int From, int To) DrawnOf(TaskGroup group)
    {
        var (from, to) = WindowOf(group);
        return (from, _settled ? to : Math.Min(to, from + CommandCenterQuery.FirstRows));
    }

    private void Window(TaskGroup group, int first, int last) => _windows[group.Title] = (Math.Max(0, first - Around), Math.Min(Math.Max(first, last) + Around, group.Count));

    /// <summary>The row will be there.</summary>
    private void Reveal(Guid id)
    {
        if (GroupOf(id) is { } group)
        {
            var index = group.Tasks.TakeWhile(task => task.Id != id).Count();
            var (from, to) = WindowOf(group);
            if (index < from || index >= to)
            {
                Window(group, index, index + 1);
            }
        }
    }

    /// <summary>A list that was just read. Where one has scrolled to stays, in the same list.</summary>
    private void Take(Sync.Tasks.CommandCenter model)
    {
        if (_model?.View != model.View || _model.Search != model.Search)
        {
            _windows.Clear();
            _settled = false;
        }

        _model = model;
        _rows = model.Groups.SelectMany(group => group.Rows).ToDictionary(row => row.Id);
        Prune();
        if (_focusNext is not null && _current is { } current)
        {
            Reveal(current);
        }
    }

    /// <summary>Reads the rows that are to be there and are not, and forgets those that are no longer.</summary>
    private async Task FillAsync()
    {
        var gone = new HashSet<Guid>();
        while (_model is { } model)
        {
            var shown = model.Groups.SelectMany(Shown).Select(task => task.Id).ToHashSet();
            var missing = shown.Where(id => !_rows.ContainsKey(id) && !gone.Contains(id)).ToList();
            if (missing.Count == 0)
            {
                _rows = _rows.Where(row => shown.Contains(row.Key)).ToDictionary();
                return;
            }

            var read = await Query.RowsAsync(_personId, missing, _left.Token);
            if (model == _model)
            {
                gone.UnionWith(missing);
                foreach (var row in read)
                {
                    _rows[row.Id] = row;
                }
            }
        }
    }

    private IEnumerable<ListedTask> Shown(TaskGroup group)
    {
        var (from, to) = WindowOf(group);
        return group.Tasks.Take(from..to);
    }

    /// <summary>The same after scrolling: what cannot be read now is read when the list is.</summary>
    private async Task FillSeenAsync()
    {
        try
        {
            await FillAsync();
        }
        catch (OperationCanceledException) when (_left.IsOver)
        {
        }
        catch (Exception failure)
        {
            PageLog.LoadFailed(Logger, "Command Center", failure);
            _failure = FailureWords.OfLoad("More of the list could not be loaded", failure);
            _refresh?.Retry();
        }
    }
}
