using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>The one SOAP call: undelete (SOAP guide, "undelete()"). There is no REST verb for it.</summary>
internal static class SoapUndelete
{
    private static readonly XNamespace Soap = "http://schemas.xmlsoap.org/soap/envelope/";
    private static readonly XNamespace Partner = "urn:partner.soap.sforce.com";

    public static HttpContent Body(SalesforceSession session, IEnumerable<string> ids)
    {
        var envelope = new XElement(
            Soap + "Envelope",
            new XElement(Soap + "Header", new XElement(Partner + "SessionHeader", new XElement(Partner + "sessionId", session.AccessToken))),
            new XElement(Soap + "Body", new XElement(Partner + "undelete", ids.Select(id => new XElement(Partner + "ids", id)))));
        var content = new StringContent(envelope.ToString(SaveOptions.DisableFormatting), Encoding.UTF8, "text/xml");
        content.Headers.Add("SOAPAction", "\"\"");
        return content;
    }

    public static IReadOnlyList<UndeleteOutcome> Read(HttpAnswer answer, int count)
    {
        try
        {
            var results = Parse(answer).Descendants(Partner + "result").Select(ReadOne).ToList();
            return results.Count == count ? results : throw new FormatException("The results are not as many as the ids.");
        }
        catch (Exception e) when (e is XmlException or FormatException or InvalidOperationException)
        {
            throw WireJson.Unreadable(answer, e);
        }
    }

    /// <summary>A SOAP fault, which comes with HTTP 500 and a code such as sf:INVALID_SESSION_ID.</summary>
    public static CallFailure Failure(HttpAnswer answer)
    {
        try
        {
            var fault = Parse(answer).Descendants(Soap + "Fault").First();
            var code = ErrorBody.Code(fault.Element("faultcode")!.Value.Split(':')[^1]);
            var message = fault.Element("faultstring")?.Value ?? code;
            return new CallFailure(SalesforceErrors.For(code, message).Class, code, message, answer.Status, NotApplied: code == ErrorCodes.InvalidSessionId);
        }
        catch (Exception e) when (e is XmlException or FormatException or InvalidOperationException or NullReferenceException)
        {
            return ErrorBody.Of(answer);
        }
    }

    private static UndeleteOutcome ReadOne(XElement result)
    {
        if (XmlConvert.ToBoolean(result.Element(Partner + "success")?.Value ?? ""))
        {
            return new UndeleteOutcome.Restored(TaskRows.TaskId(SalesforceId.Normalize(result.Element(Partner + "id")?.Value ?? "")));
        }

        var error = result.Element(Partner + "errors") ?? throw new FormatException("An item without success names no error.");
        var code = ErrorBody.Code(error.Element(Partner + "statusCode")?.Value ?? "");
        var words = new SalesforceError(code, error.Element(Partner + "message")?.Value ?? code, [.. error.Elements(Partner + "fields").Select(field => field.Value)]);
        return code is ErrorCodes.UndeleteFailed or ErrorCodes.InvalidCrossReferenceKey or ErrorCodes.EntityIsDeleted or ErrorCodes.DuplicateValue ? new UndeleteOutcome.Gone(words)
            : SalesforceErrors.For(code, words.Message).Class == FailureClass.Intermittent ? new UndeleteOutcome.Deferred(words)
            : new UndeleteOutcome.Refused(words);
    }

    /// <summary>No document types, no entities, nothing fetched.</summary>
    private static XDocument Parse(HttpAnswer answer)
    {
        using var reader = XmlReader.Create(new MemoryStream(answer.Body), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        return XDocument.Load(reader);
    }
}
