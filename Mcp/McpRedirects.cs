using System.Net;

namespace Gateway.Mcp;

/// <summary>Follows redirects as the framework does, but keeps what the user set for a server from every other one: the framework only takes
/// the login away.</summary>
/// <param name="inner">Sends.</param>
/// <param name="own">Names of the headers that are for the server alone.</param>
internal sealed class McpRedirects(HttpMessageHandler inner, IEnumerable<string> own) : DelegatingHandler(inner)
{
    private const int Most = 10;
    private readonly string[] _own = [.. own, "Authorization", "Cookie"];

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (int followed = 0; ; followed++)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (followed == Most || Target(request, response) is not { } target) return response;
            bool asksAnew = response.StatusCode == HttpStatusCode.SeeOther
                || (response.StatusCode is HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.MultipleChoices && request.Method == HttpMethod.Post);
            response.Dispose();
            if (asksAnew && request.Method != HttpMethod.Head) (request.Method, request.Content) = (HttpMethod.Get, null);
            if (Origin(target) != Origin(request.RequestUri!))
            {
                foreach (string name in _own) request.Headers.Remove(name);
            }

            request.RequestUri = target;
        }
    }

    private static Uri? Target(HttpRequestMessage request, HttpResponseMessage response)
    {
        bool redirects = response.StatusCode is HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect
            or HttpStatusCode.PermanentRedirect or HttpStatusCode.MultipleChoices;
        if (!redirects || response.Headers.Location is not { } location) return null;
        var target = new Uri(request.RequestUri!, location);

        // Nothing that was asked for in private goes on in the open.
        bool allowed = target.Scheme == Uri.UriSchemeHttps || (target.Scheme == Uri.UriSchemeHttp && request.RequestUri!.Scheme == Uri.UriSchemeHttp);
        return allowed ? target : null;
    }

    private static string Origin(Uri uri) => uri.GetLeftPart(UriPartial.Authority);
}
