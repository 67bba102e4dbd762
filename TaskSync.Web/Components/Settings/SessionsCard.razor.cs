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
    private const string NotDone = "Not done: the database is busy. Please try again.";
    private IReadOnlyList<SignInLine>? _lines;
    private Guid? _own;
    private bool _failed;
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

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _own = (await Person.UserAsync()).SessionId();
            _lines = await SignIns.ListAsync(await Person.IdAsync(), CancellationToken.None);
            _failed = false;
        }
        catch (Exception failure)
        {
            _failed = true;
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
            _said?.Say(NotDone);
        }
    }
}
