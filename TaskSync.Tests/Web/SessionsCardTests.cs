using Bunit;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Components.Layout;
using TaskSync.Web.Components.Settings;
using TaskSync.Web.Security;

namespace TaskSync.Tests.Web;

/// <summary>The card that lists a person's sign-ins, and what is shown when one ends.</summary>
public sealed class SessionsCardTests : PageTest
{
    [Fact]
    public async Task Others_are_ended_one_by_one_or_all_at_once_and_this_one_stays()
    {
        var signIns = Services.GetRequiredService<SignIns>();
        await signIns.BeginAsync(Desk.Rita, false, "Safari on iPhone", Never);
        await signIns.BeginAsync(Desk.Rita, false, "Edge on Windows", Never);
        await signIns.BeginAsync(Desk.Rita, false, null, Never);
        var card = Render<SessionsCard>(p => p.Add(c => c.Time, RepTime.At(Desk.Now, null, null, null)));
        Assert.Contains("This one", card.Find("li:has(.chip)").TextContent, StringComparison.Ordinal);

        Button(card, "Sign out: Safari on iPhone").Click();
        card.WaitForAssertion(() => Assert.Contains("Signed out: Safari on iPhone.", card.Markup, StringComparison.Ordinal));
        Assert.Equal(3, (await signIns.ListAsync(Desk.Rita, Never)).Count);

        Button(card, "Sign out everywhere else").Click();
        card.WaitForAssertion(() => Assert.Single(card.FindAll("li")));
        Assert.Equal("Chrome on Linux", Assert.Single(await signIns.ListAsync(Desk.Rita, Never)).Device);
    }

    [Fact]
    public void What_has_ended_is_said_with_a_way_back()
    {
        Services.GetRequiredService<Microsoft.AspNetCore.Components.NavigationManager>().NavigateTo("/settings?x=1");
        var notice = Render<SessionEnded>(p => p.Add(c => c.End, SignInEnd.EndedByAdmin));
        Assert.Contains("An admin signed you out. What you saved is safe.", notice.Find("[role=alertdialog]").TextContent, StringComparison.Ordinal);
        Assert.Equal("/sign-in?returnUrl=%2Fsettings%3Fx%3D1", notice.Find("a").GetAttribute("href"));
    }

    [Fact]
    public async Task A_page_whose_sign_in_has_ended_does_nothing_for_the_person_any_more()
    {
        var (person, clock) = (Services.GetRequiredService<SignedInPerson>(), Desk.Clock);
        Assert.Equal(Desk.Rita, await person.IdAsync());
        await Services.GetRequiredService<SignIns>().EndAllAsync(Desk.Rita, null, SignInEnd.EndedByAdmin, Never);
        clock.Advance(SessionCheck.Trust);
        await Assert.ThrowsAsync<UnauthorizedAccessException>(person.IdAsync);
    }
}
