using TaskSync.Simulator.Setup;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Control;

internal sealed partial class ControlEndpoint
{
    /// <summary><c>/org/…</c>: the set-up of the org and what happens to it as a whole.</summary>
    private Reply Org(WebRequest request, string what)
    {
        var user = request.Query.GetValueOrDefault("user") is { } name ? UserId(name) : null;
        switch (what)
        {
            case "expire-access-tokens": org.ExpireAccessTokens(user); break;
            case "revoke-grants": org.RevokeGrants(user); break;
            case "expire-query-locators": org.ExpireQueryLocators(); break;
            case "purge-recycle-bin": org.PurgeRecycleBin(); break;
            case "purge-delete-log": org.PurgeDeleteLog(); break;
            case "run-archiver": org.RunArchiver(); break;
            case "hide-field": org.HideField(request.Query["field"], user); break;
            case "show-field": org.ShowField(request.Query["field"], user); break;
            case "require-field": org.RequireField(request.Query["field"], request.Query.GetValueOrDefault("required") != "false"); break;
            case "restrict-picklist": org.RestrictPicklist(request.Query["field"], request.Query.GetValueOrDefault("restricted") != "false"); break;
            case "statuses": org.SetStatuses(Body<PicklistEntry[]>(request)); break;
            case "status-closed": return Answer(200, org.SetStatusClosed(request.Query["name"], request.Query.GetValueOrDefault("closed") != "false"));
            case "priorities": org.SetPriorities(Body<PicklistEntry[]>(request)); break;
            case "picklist-values": org.SetPicklistValues(request.Query["field"], Body<string[]>(request)); break;
            case "validation-rule": org.AddValidationRule(Body<ValidationRule>(request)); break;
            case "trigger": org.AddTrigger(Body<TaskTrigger>(request)); break;
            case "remove-automation": org.RemoveAutomation(request.Query.GetValueOrDefault("name")); break;
            case "move-instance": org.MoveInstance(request.Query.GetValueOrDefault("name"), Enum.Parse<OldAddress>(request.Query.GetValueOrDefault("old") ?? nameof(OldAddress.KnowsNoSession))); break;
            case "certificate": org.RegisterCertificate(System.Text.Encoding.UTF8.GetString(request.Body.Span), Client(request)); break;
            case "remove-certificates": org.RemoveCertificates(Client(request)); break;
            case "approve-user": org.ApproveUser(UserId(request.Query["user"]), request.Query.GetValueOrDefault("approved") != "false", Client(request)); break;
            case "page-size": org.Options.MaxPageSize = Number(request, "rows"); break;
            case "refresh-token-rotation": org.Options.RefreshTokenRotation = request.Query.GetValueOrDefault("on") != "false"; break;
            case "foreign-deletions": org.Options.QueryAllShowsForeignDeletions = request.Query.GetValueOrDefault("shown") != "false"; break;
            case "api-usage": org.SetApiUsage(Number(request, "used")); break;
            default: return Answer(404, new { error = "no such control" });
        }
        return Done();
    }

    private string Client(WebRequest request) => request.Query.GetValueOrDefault("client") ?? org.Options.ClientId;
}
