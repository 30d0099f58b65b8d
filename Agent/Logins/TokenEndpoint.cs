using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Agent.Models;

namespace Gateway.Agent.Logins;

/// <summary>Asks the servers that give tokens (RFC 6749, section 6).</summary>
/// <param name="http">The connections.</param>
internal sealed class TokenEndpoint(ModelHttp http)
{
    private const int LargestAnswer = 256 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Clock of all limits.</summary>
    public TimeProvider Time => http.Time;

    /// <summary>Asks for a new token in place of an old one.</summary>
    /// <param name="who">Whose login it is, for people.</param>
    /// <param name="again">How to log in anew, for people.</param>
    /// <param name="url">The server's address.</param>
    /// <param name="form">Fields of the request.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="headers">Further headers.</param>
    /// <exception cref="ModelException">It refuses, or cannot be reached.</exception>
    public Task<JsonObject> RenewAsync(
        string who, string again, string url, IEnumerable<KeyValuePair<string, string>> form, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(form) };
        return SendAsync(who, again, message, headers, cancellationToken);
    }

    /// <summary>Asks for something with a credential in a header.</summary>
    /// <param name="who">Whose login it is, for people.</param>
    /// <param name="again">How to log in anew, for people.</param>
    /// <param name="url">The server's address.</param>
    /// <param name="body">What to post; null to get.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="headers">Further headers, the credential among them.</param>
    /// <exception cref="ModelException">It refuses, or cannot be reached.</exception>
    public Task<JsonObject> AskAsync(string who, string again, string url, string? body, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        var message = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, url);
        if (body is not null) message.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        return SendAsync(who, again, message, headers, cancellationToken);
    }

    private async Task<JsonObject> SendAsync(string who, string again, HttpRequestMessage message, (string Name, string Value)[] headers, CancellationToken cancellationToken)
    {
        using (message)
        {
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            foreach (var (name, value) in headers)
            {
                if (value.Any(letter => letter is < ' ' or > '~')) throw Refused($"The login of {who} holds characters that no token has. {again}");
                message.Headers.TryAddWithoutValidation(name, value);
            }

            using var limit = new CancellationTokenSource(Limit, http.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            try
            {
                using var answer = await http.SendAsync(message, Limit, either.Token);
                int status = (int)answer.StatusCode;
                if (status is >= 500 or 408 or 429)
                {
                    throw new ModelException(new ModelError(ModelErrorKind.Server, $"The login server of {who} does not answer properly now.", status));
                }

                if (status is < 200 or >= 300) throw Refused($"The login of {who} is not valid any more. {again}", status);
                return await ReadAsync(answer, either.Token) ?? throw new ModelException(new ModelError(ModelErrorKind.Server, $"The login server of {who} answered something that is no JSON object."));
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new ModelException(new ModelError(ModelErrorKind.Timeout, $"The login server of {who} did not answer within {Limit.TotalSeconds:0} s."));
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException)
            {
                throw new ModelException(new ModelError(ModelErrorKind.Timeout, $"The login server of {who} cannot be reached."));
            }
        }
    }

    private static async Task<JsonObject?> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        byte[] bytes = new byte[LargestAnswer];
        int read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            return LoginJson.Parse(bytes.AsSpan(0, read));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ModelException Refused(string text, int? status = null) => new(new ModelError(ModelErrorKind.Auth, text, status));
}
