using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using TaskSync.Tests.Reconciliation;

namespace TaskSync.Tests.BadInput;

/// <summary>The way to Salesforce, on which answers become nonsense: never one that means something else.</summary>
internal sealed partial class Spoiler(HttpMessageHandler org, ulong seed) : DelegatingHandler(org)
{
    private static readonly string[] NoAnswers =
    [
        "", " ", "null", "true", "0", "[]", "{}", "[null]", "[[]]", "\"\"", "<!doctype html><title>Maintenance</title>", "<soapenv:Envelope/>", "{\"totalSize\":0}", "\0\0\0\0", "\ufeff", "[{\"message\":\"x\"}]",
        "{\"hasErrors\":null,\"results\":null}", "{\"done\":true,\"records\":null}", "{\"compositeResponse\":[]}", new string('[', 100_000), "{\"a\":" + new string('9', 100_000) + "}",
    ];

    private static readonly HttpStatusCode[] Trouble =
        [HttpStatusCode.NoContent, HttpStatusCode.MovedPermanently, HttpStatusCode.NotModified, HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.Conflict, (HttpStatusCode)418, HttpStatusCode.TooManyRequests, HttpStatusCode.InternalServerError, HttpStatusCode.BadGateway, HttpStatusCode.ServiceUnavailable, (HttpStatusCode)599];

    private Dice _dice = new(seed);

    /// <summary>While it is false every answer comes through.</summary>
    public bool IsOn { get; set; }

    /// <summary>No answer comes through, instead of one in three.</summary>
    public bool IsWhole { get; set; }

    /// <summary>How many answers were spoiled.</summary>
    public int Spoiled { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (!IsOn || (!IsWhole && _dice.OneIn(3)))
        {
            return response;
        }

        Spoiled++;
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        switch (_dice.Next(IsWhole ? 6 : 8))
        {
            case 0:
                Fill(response, Of(NoAnswers));
                break;
            case 1:
                response.StatusCode = Of(Trouble);
                response.Headers.Location = new Uri("https://evil.example/services/data");
                Fill(response, Of(NoAnswers));
                break;
            case 2:
                Fill(response, body[..(body.Length == 0 ? 0 : _dice.Next(body.Length))]);
                break;
            case 3:
                response.Content = new Broken(Encoding.UTF8.GetBytes(body[..(body.Length / 2)]));
                break;
            case 4:
                // The answer of another day, or of a proxy with a clock of its own.
                response.Headers.Date = DateTimeOffset.UnixEpoch.AddDays(_dice.Next(40_000));
                return response;
            case 5:
                response.Dispose();
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was closed.");

            // Where it stands in a text, or where nobody reads, the answer is as good as before.
            case 6:
                Fill(response, Structure().Matches(body) is { Count: > 0 } marks && marks[_dice.Next(marks.Count)] is var mark ? body.Remove(mark.Index, 1) : "x");
                break;
            default:
                Fill(response, Value().Matches(body) is { Count: > 0 } values && values[_dice.Next(values.Count)] is var value
                    ? body[..value.Index] + Of([":{\"x\":1}", ":[7]", ":1e999", ":\"\\ud800", ":"]) + body[(value.Index + value.Length)..] : "x");
                break;
        }

        response.Headers.Remove("Sforce-Limit-Info");
        response.Headers.TryAddWithoutValidation("Sforce-Limit-Info", Of(["", "api-usage=", "api-usage=-1/0", "api-usage=99999999999999999999/1", "x", "api-usage=1/2/3"]));
        response.Headers.TryAddWithoutValidation("Retry-After", Of(["", "-1", "soon", "99999999999999999999", "Thu, 01 Jan 1970 00:00:00 GMT"]));
        response.Headers.Date = Of<DateTimeOffset?>([null, response.Headers.Date, new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero), DateTimeOffset.UnixEpoch]);
        return response;
    }

    private static void Fill(HttpResponseMessage response, string body)
    {
        var type = response.Content.Headers.ContentType;
        response.Content = new StringContent(body, Encoding.UTF8);
        response.Content.Headers.ContentType = type;
    }

    private T Of<T>(T[] choices) => choices[_dice.Next(choices.Length)];

    /// <summary>Without any one of these no JSON is left. A comma is none: in a text it is a letter.</summary>
    [GeneratedRegex("[{}\\[\\]]")]
    private static partial Regex Structure();

    /// <summary>A value of a member, texts and numbers.</summary>
    [GeneratedRegex(":(\"[^\"\\\\]*\"|-?[0-9.]+)")]
    private static partial Regex Value();

    /// <summary>The connection breaks in the middle of the body.</summary>
    private sealed class Broken(byte[] half) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(half);
            throw new IOException("The connection was reset.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
