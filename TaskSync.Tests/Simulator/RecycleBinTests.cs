using System.Text;
using System.Xml.Linq;
using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class RecycleBinTests : SimulatorTest
{
    private static readonly XNamespace Partner = "urn:partner.soap.sforce.com";

    private async Task<(int Status, XElement Body)> Undelete(string token, params string[] ids)
    {
        var envelope = $"""
            <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="urn:partner.soap.sforce.com">
            <soapenv:Header><p:SessionHeader><p:sessionId>{token}</p:sessionId></p:SessionHeader></soapenv:Header>
            <soapenv:Body><p:undelete>{string.Concat(ids.Select(id => $"<p:ids>{id}</p:ids>"))}</p:undelete></soapenv:Body></soapenv:Envelope>
            """;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Host.BaseAddress, "/services/Soap/u/66.0")) { Content = new StringContent(envelope, Encoding.UTF8, "text/xml") };
        request.Headers.Add("SOAPAction", "\"\"");
        var answer = await ApiCaller.Send(request);
        return (answer.Status, XElement.Parse(answer.Text));
    }

    [Fact]
    public async Task Undelete_by_SOAP_keeps_the_id_and_answers_for_each()
    {
        var (deleted, live) = (Org.CreateTask(Org.Rita.Id).Id, Org.CreateTask(Org.Rita.Id).Id);
        Org.DeleteTask(deleted);
        var before = Org.Calls.Total;
        var (status, body) = await Undelete(Rita.Token, deleted, live, "00TWs0000zzzzzz");
        Assert.Equal(200, status);
        var results = body.Descendants(Partner + "result").ToList();
        Assert.Equal(["true", "false", "false"], results.Select(r => r.Element(Partner + "success")!.Value));
        Assert.Equal(deleted, results[0].Element(Partner + "id")!.Value);
        Assert.Equal(["UNDELETE_FAILED", "INVALID_CROSS_REFERENCE_KEY"], results.Skip(1).Select(r => r.Descendants(Partner + "statusCode").Single().Value));
        Assert.Equal((false, 1), (Org.FindTask(deleted)!.IsDeleted, Org.Calls.Total - before));
    }

    [Fact]
    public async Task A_dead_session_is_a_SOAP_fault()
    {
        var (status, body) = await Undelete("nonsense", "00TWs0000000001");
        Assert.Equal((500, "sf:INVALID_SESSION_ID"), (status, body.Descendants("faultcode").Single().Value));
    }

    [Fact]
    public async Task A_row_is_purged_after_15_days()
    {
        var id = Org.CreateTask(Org.Rita.Id).Id;
        Org.DeleteTask(id);
        Clock.Advance(TimeSpan.FromDays(15));
        var token = CallerOf(Org.Rita.Id);
        Assert.Equal("1", (await token.Get("queryAll?q=SELECT+COUNT()+FROM+Task"))["totalSize"]);
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("0", (await token.Get("queryAll?q=SELECT+COUNT()+FROM+Task"))["totalSize"]);
        Assert.Null(Org.FindTask(id));
    }

    [Fact]
    public void Deleting_and_undeleting_move_the_stamps_and_the_author()
    {
        var id = Org.CreateTask(Org.Rita.Id).Id;
        Clock.Advance(TimeSpan.FromSeconds(5));
        Org.DeleteTask(id, Org.Adam.Id);
        Assert.Equal((Start.AddSeconds(5), Org.Adam.Id), (Org.FindTask(id)!.SystemModstamp, Org.FindTask(id)!.LastModifiedById));
        Clock.Advance(TimeSpan.FromSeconds(5));
        Org.UndeleteTask(id);
        Assert.Equal((Start.AddSeconds(10), Org.Rita.Id), (Org.FindTask(id)!.SystemModstamp, Org.FindTask(id)!.LastModifiedById));
    }
}
