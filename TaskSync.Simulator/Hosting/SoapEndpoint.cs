using System.Text;
using System.Xml;
using System.Xml.Linq;
using TaskSync.Simulator.Inside;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Hosting;

/// <summary><c>/services/Soap/u/{version}</c>: only <c>undelete</c>, which REST does not have.</summary>
internal sealed class SoapEndpoint(SimulatorCore core)
{
    private const int MaxIds = 200;
    private static readonly XNamespace Envelope = "http://schemas.xmlsoap.org/soap/envelope/";
    private static readonly XNamespace Partner = "urn:partner.soap.sforce.com";
    private static readonly XNamespace FaultCodes = "urn:fault.partner.soap.sforce.com";
    private static readonly XNamespace Xsi = "http://www.w3.org/2001/XMLSchema-instance";

    public (Reply Reply, int Counted) Run(WebRequest request)
    {
        XDocument document;
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(request.Body.ToArray()), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            document = XDocument.Load(reader);
        }
        catch (XmlException e)
        {
            return (Fault("soapenv:Client", e.Message), 0);
        }
        var token = document.Descendants(Partner + "sessionId").FirstOrDefault()?.Value.Trim();
        if (core.Grants.Use(token) is not { } session)
            return (Fault("sf:INVALID_SESSION_ID", "INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session"), 0);
        if (core.Platform.Usage.Used >= core.Platform.Usage.Limit)
            return (Fault("sf:REQUEST_LIMIT_EXCEEDED", "REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded."), 0);
        core.Platform.Usage.Count(1);
        if (document.Descendants(Partner + "undelete").FirstOrDefault() is not { } undelete)
            return (Fault("sf:UNKNOWN_EXCEPTION", "UNKNOWN_EXCEPTION: No operation available for request"), 1);
        // jsforce puts the arguments into a namespace of its own making.
        var ids = undelete.Elements().Where(element => element.Name.LocalName == "ids").Select(id => id.Value.Trim()).ToList();
        if (ids.Count > MaxIds)
            return (Fault("sf:EXCEEDED_ID_LIMIT", "EXCEEDED_ID_LIMIT: record limit reached. cannot undelete more than 200 records in this call"), 1);
        var viewer = new Viewer(core.Store, core.Store.Find(session.UserId)!);
        var results = ids.Select(id => Undelete(viewer, id));
        return (Answer(200, new XElement(Partner + "undeleteResponse", results)), 1);
    }

    private XElement Undelete(Viewer viewer, string id)
    {
        try
        {
            if (!SalesforceId.TryNormalize(id, out var full))
                throw new ApiException(400, "MALFORMED_ID", $"malformed id {id}");
            // A purged record, and one of somebody else's, look alike from here.
            if (core.Store.Find(full) is not { } row || !viewer.Sees(row))
                throw Errors.BadOwner();
            core.Store.Write(transaction => core.Records.Undelete(transaction, viewer, row));
            return new XElement(Partner + "result", new XElement(Partner + "id", full), new XElement(Partner + "success", true));
        }
        catch (ApiException error)
        {
            return new XElement(Partner + "result",
                new XElement(Partner + "errors", new XElement(Partner + "message", error.Message), new XElement(Partner + "statusCode", error.Code)),
                new XElement(Partner + "id", new XAttribute(Xsi + "nil", true)),
                new XElement(Partner + "success", false));
        }
    }

    private static Reply Fault(string code, string message) => Answer(500, new XElement(Envelope + "Fault",
        new XElement("faultcode", code), new XElement("faultstring", message)));

    private static Reply Answer(int status, XElement content)
    {
        var document = new XElement(Envelope + "Envelope",
            new XAttribute(XNamespace.Xmlns + "soapenv", Envelope.NamespaceName), new XAttribute(XNamespace.Xmlns + "sf", FaultCodes.NamespaceName),
            new XAttribute(XNamespace.Xmlns + "xsi", Xsi.NamespaceName), new XElement(Envelope + "Body", content));
        return new Reply(status, Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + document.ToString(SaveOptions.DisableFormatting))) { ContentType = "text/xml;charset=UTF-8" };
    }
}
