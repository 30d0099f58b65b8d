using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;

namespace Gateway.Tests.Shared;

/// <summary>An MCP server that wants a login, and the authorization server that gives it (RFC 6749, 7591, 7636, 8414, 9728), on one loopback
/// port. Its one tool tells the token it was called with.</summary>
public sealed class LoginServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<string> _seen = new();
    private string _challenge = "";
    private int _number;

    /// <summary>Starts on a free port.</summary>
    public LoginServer()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Base of all addresses, and the issuer.</summary>
    public string Url { get; }

    /// <summary>Where the MCP server is.</summary>
    public string Endpoint => Url + "/mcp";

    /// <summary>Whether it can be used without a login.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Whether users are turned away.</summary>
    public bool Refuses { get; init; }

    /// <summary>Whether tokens are not renewed.</summary>
    public bool RenewsNothing { get; set; }

    /// <summary>Seconds that tokens live.</summary>
    public int Life { get; set; } = 3600;

    /// <summary>What was asked of the authorization server: register, authorize, and the grants.</summary>
    public string Seen => string.Join(' ', _seen);

    /// <summary>The newest token.</summary>
    public string Access => $"access-{_number}";

    /// <summary>What renews it.</summary>
    public string Refresh => $"refresh-{_number}";

    /// <inheritdoc/>
    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                try
                {
                    await AnswerAsync(context);
                }
                catch (Exception exception) when (exception is IOException or HttpListenerException)
                {
                    // The client has left.
                }
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // It was closed.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        string body = await new StreamReader(context.Request.InputStream, Encoding.UTF8).ReadToEndAsync();
        switch (context.Request.Url!.AbsolutePath)
        {
            case "/mcp":
                Mcp(context, body);
                break;
            case "/.well-known/oauth-protected-resource/mcp":
                Json(context, new JsonObject { ["resource"] = Endpoint, ["authorization_servers"] = new JsonArray(Url), ["scopes_supported"] = new JsonArray("read") });
                break;
            case "/.well-known/oauth-authorization-server":
                Json(context, new JsonObject
                {
                    ["issuer"] = Url,
                    ["authorization_endpoint"] = Url + "/authorize",
                    ["token_endpoint"] = Url + "/token",
                    ["registration_endpoint"] = Url + "/register",
                    ["code_challenge_methods_supported"] = new JsonArray("S256"),
                    ["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_post"),
                });
                break;
            case "/register":
                _seen.Enqueue("register");
                Json(context, new JsonObject { ["client_id"] = "client-1", ["client_secret"] = "client-secret", ["redirect_uris"] = JsonNode.Parse(body)!["redirect_uris"]!.DeepClone(), ["token_endpoint_auth_method"] = "client_secret_post" });
                break;
            case "/authorize":
                Authorize(context);
                break;
            case "/token":
                Token(context, HttpUtility.ParseQueryString(body));
                break;
            default:
                Json(context, [], 404);
                break;
        }
    }

    private void Authorize(HttpListenerContext context)
    {
        _seen.Enqueue("authorize");
        var query = context.Request.QueryString;
        _challenge = query["code_challenge"]!;
        context.Response.Redirect($"{query["redirect_uri"]}?state={query["state"]}&{(Refuses ? "error=access_denied&error_description=not+you" : "code=the-code")}");
        context.Response.Close();
    }

    private void Token(HttpListenerContext context, System.Collections.Specialized.NameValueCollection form)
    {
        _seen.Enqueue(form["grant_type"]!);
        bool known = form["client_id"] == "client-1" && form["client_secret"] == "client-secret";
        bool good = form["grant_type"] == "refresh_token"
            ? form["refresh_token"] == Refresh && !RenewsNothing
            : form["code"] == "the-code" && Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"]!))) == _challenge;
        if (!known || !good)
        {
            Json(context, new JsonObject { ["error"] = "invalid_grant" }, 400);
            return;
        }

        _number++;
        Json(context, new JsonObject { ["access_token"] = Access, ["token_type"] = "Bearer", ["expires_in"] = Life, ["refresh_token"] = Refresh, ["scope"] = "read" });
    }

    private void Mcp(HttpListenerContext context, string body)
    {
        string? given = context.Request.Headers["Authorization"];
        if (!IsOpen && given != $"Bearer {Access}")
        {
            context.Response.AddHeader("WWW-Authenticate", $"Bearer resource_metadata=\"{Url}/.well-known/oauth-protected-resource/mcp\"");
            Json(context, [], 401);
            return;
        }

        if (context.Request.HttpMethod != "POST")
        {
            Json(context, [], 405);
            return;
        }

        var request = JsonNode.Parse(body)!;
        JsonNode? result = (string?)request["method"] switch
        {
            "initialize" => new JsonObject { ["protocolVersion"] = (string)request["params"]!["protocolVersion"]!, ["capabilities"] = new JsonObject { ["tools"] = new JsonObject() }, ["serverInfo"] = new JsonObject { ["name"] = "login", ["version"] = "1" } },
            "tools/list" => new JsonObject { ["tools"] = new JsonArray(new JsonObject { ["name"] = "who", ["inputSchema"] = new JsonObject { ["type"] = "object" } }) },
            "tools/call" => new JsonObject { ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = given }) },
            _ => null,
        };
        if (request["id"] is not { } id)
        {
            context.Response.StatusCode = 202;
            context.Response.Close();
            return;
        }

        var answer = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone() };
        if (result is null) answer["error"] = new JsonObject { ["code"] = -32601, ["message"] = "no such method" };
        else answer["result"] = result;
        Json(context, answer);
    }

    private static void Json(HttpListenerContext context, JsonObject content, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Close(Encoding.UTF8.GetBytes(content.ToJsonString()), willBlock: false);
    }
}
