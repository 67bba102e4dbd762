using Microsoft.AspNetCore.Components;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Browser;
using TaskSync.Web.Components.Shared;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.Settings;

/// <summary>The person's own sign-ins, each of which can be ended from here.</summary>
public sealed partial class SessionsCard
{
    private IReadOnlyList<SignInLine>? _lines;
    private Guid? _own;
    private string? _failure;
    private Said? _said;

    [Parameter, EditorRequired]
    public required RepTime Time { get; set; }

    [Inject]
    public required SignedInPerson Person { get; set; }

    [Inject]
    public required SignIns SignIns { get; set; }

    [Inject]
    public required SessionCheck Check { get; set; }

    [Inject]
    public required OpenPages Pages { get; set; }

    [Inject]
    public required ILogger<SessionsCard> Logger { get; set; }

    /// <summary>The page reads itself anew after a failure, and this card with it.</summary>
    protected override Task OnParametersSetAsync() => _lines is null ? LoadAsync() : Task.CompletedTask;

    private async Task LoadAsync()
    {
        try
        {
            _own = (await Person.UserAsync()).SessionId();
            _lines = await SignIns.ListAsync(await Person.IdAsync(), CancellationToken.None);
            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = FailureWords.OfLoad("Your sign-ins could not be loaded", failure);
            PageLog.ActionFailed(Logger, "sign-ins", failure);
        }
    }

    private Task EndAsync(SignInLine line) => DoAsync([line.Id], $"Signed out: {line.Device ?? "unknown device"}.");

    private Task EndOthersAsync() => DoAsync([.. (_lines ?? []).Select(line => line.Id).Where(id => id != _own)], "Signed out everywhere else.");

    private async Task DoAsync(IReadOnlyList<Guid> ids, string words)
    {
        try
        {
            var personId = await Person.IdAsync();
            foreach (var id in ids)
            {
                await SignIns.EndAsync(personId, id, SignInEnd.SignedOutElsewhere, CancellationToken.None);
                Pages.End(id, SignInEnd.SignedOutElsewhere);
            }

            await LoadAsync();
            _said?.Say(null, words);
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "sign-ins", failure);
            _said?.Say(FailureWords.Of("Not done", failure));
        }
    }
}
