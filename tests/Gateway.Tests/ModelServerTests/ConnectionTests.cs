using System.Text;

namespace Gateway.Tests.ModelServerTests;

/// <summary>Connections that stall, break or are left.</summary>
public class ConnectionTests
{
    [Test]
    public async Task A_drop_before_output_leaves_no_response_and_the_script_goes_on()
    {
        await using ModelClient client = await ModelClient.NamedAsync("drop_before_output_then_ok");
        await Assert.That(async () => await client.ChatAsync()).Throws<HttpRequestException>();
        HttpResponseMessage headersOnly = await client.ChatAsync();
        await Assert.That(async () => await headersOnly.Content.ReadAsStringAsync()).Throws<HttpRequestException>();
        await Assert.That(await ModelClient.ChatTextAsync(await client.ChatAsync())).IsEqualTo("Third time lucky.");
        await Assert.That(client.Server.Disconnects).IsEqualTo(0);
    }

    [Test]
    [Arguments("close")]
    [Arguments("reset")]
    public async Task Everything_said_before_a_drop_arrives(string how)
    {
        await using ModelClient client = await ModelClient.StartAsync(
            """{"fallback":{"steps":[{"repeat":200,"text":"word "},{"text":"last"},{"drop":"HOW"}]}}""".Replace("HOW", how));
        using HttpResponseMessage response = await client.ChatAsync();
        using var received = new MemoryStream();
        await using Stream body = await response.Content.ReadAsStreamAsync();
        await Assert.That(async () => await body.CopyToAsync(received)).Throws<IOException>();
        await Assert.That(Encoding.UTF8.GetString(received.ToArray())).Contains("last").And.DoesNotContain("[DONE]");
    }

    [Test]
    public async Task Silence_lasts_until_the_client_leaves()
    {
        await using ModelClient client = await ModelClient.NamedAsync("silent");
        using var leave = new CancellationTokenSource();
        Task<HttpResponseMessage> asking = client.ChatAsync(cancellationToken: leave.Token);
        await client.Server.WaitForRequestsAsync(1);
        await Assert.That(asking.IsCompleted).IsFalse();
        await leave.CancelAsync();
        await client.Server.WaitForDisconnectAsync();
        await Assert.That(async () => await asking).Throws<OperationCanceledException>();
    }

    [Test]
    public async Task A_gate_holds_a_reply_until_it_is_opened()
    {
        await using ModelClient client = await ModelClient.StartAsync("""{"fallback":{"steps":[{"text":"before"},{"gate":"half"},{"text":" after"}]}}""");
        using HttpResponseMessage response = await client.ChatAsync();
        await client.Server.WaitForGateAsync("half");
        Task<string> reading = ModelClient.ChatTextAsync(response);
        await Assert.That(reading.IsCompleted).IsFalse();
        client.Server.OpenGate("half");
        await Assert.That(await reading).IsEqualTo("before after");
        await Assert.That(client.Server.Disconnects).IsEqualTo(0);
    }

    [Test]
    public async Task A_client_that_stops_reading_and_leaves_is_noticed()
    {
        await using ModelClient client = await ModelClient.StartAsync("""{"fallback":{"steps":[{"repeat":1000000,"text":"more and more of the same "}]}}""");
        HttpResponseMessage response = await client.ChatAsync();
        response.Dispose();
        await client.Server.WaitForDisconnectAsync();
    }

    [Test]
    public async Task The_server_ends_while_a_reply_is_held()
    {
        ModelClient client = await ModelClient.NamedAsync("silent");
        Task<HttpResponseMessage> asking = client.ChatAsync();
        await client.Server.WaitForRequestsAsync(1);
        await client.Server.DisposeAsync();
        await Assert.That(async () => await asking).Throws<HttpRequestException>();
    }

    [Test]
    public async Task Ten_thousand_pieces_arrive_complete()
    {
        await using ModelClient client = await ModelClient.NamedAsync("long");
        string text = await ModelClient.ChatTextAsync(await client.ChatAsync());
        await Assert.That(text).StartsWith("Piece number 1 of").And.EndsWith("Piece number 10000 of the reply. ");
    }

    [Test]
    public async Task Requests_are_kept_as_they_came()
    {
        await using ModelClient client = await ModelClient.NamedAsync("text");
        const string Body = """{ "model" : "m",  "messages": [ {"role":"user","content":"as it is"} ] }""";
        using HttpResponseMessage response = await client.PostAsync("/some/base/chat/completions?x=1", Body);
        var seen = (await client.Server.WaitForRequestsAsync(1))[0];
        await Assert.That(seen.BodyText).IsEqualTo(Body);
        await Assert.That(seen.Path).IsEqualTo("/some/base/chat/completions?x=1");
        await Assert.That(seen.Headers["Content-Type"]).IsEqualTo("application/json");
        await Assert.That(seen.Json().GetProperty("model").GetString()).IsEqualTo("m");
        await Assert.That(client.Server.ModelCalls.Count).IsEqualTo(1);
    }
}
