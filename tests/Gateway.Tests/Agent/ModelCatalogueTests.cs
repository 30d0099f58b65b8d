using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Tests.ConfigTests;
using Gateway.Tools;

namespace Gateway.Tests.AgentTests;

/// <summary>Windows and prices that endpoints name themselves.</summary>
public class ModelCatalogueTests
{
    [Test]
    [Arguments("""{"context_length":200000,"top_provider":{"context_length":100000}}""", 200_000)]
    [Arguments("""{"context_window":131072}""", 131_072)]
    [Arguments("""{"max_context_length":"32768"}""", 32_768)]
    [Arguments("""{"max_position_embeddings":8192}""", 8192)]
    [Arguments("""{"max_model_len":16384,"max_input_tokens":9000}""", 16_384)]
    [Arguments("""{"max_input_tokens":9000}""", 9000)]
    [Arguments("""{"max_sequence_length":9001}""", 9001)]
    [Arguments("""{"max_seq_len":9002}""", 9002)]
    [Arguments("""{"meta":{"n_ctx_train":131072,"n_ctx":4096}}""", 4096)]
    [Arguments("""{"ctx_size":2048}""", 2048)]
    [Arguments("""{"top_provider":{"context_length":65536}}""", 65_536)]
    [Arguments("""{"loaded_context_length":4096,"max_context_length":131072}""", 4096)]
    [Arguments("""{"context_length":7}""", null)]
    [Arguments("""{"context_length":1e12,"context_window":null}""", null)]
    [Arguments("""{"context_length":"many","meta":[4096]}""", null)]
    [Arguments("7", null)]
    public async Task Windows_have_many_names(string entry, int? expected)
    {
        using var document = JsonDocument.Parse(entry);
        await Assert.That(ModelListing.Context(document.RootElement)).IsEqualTo(expected);
    }

    [Test]
    [Arguments("""{"prompt":"0.000003","completion":"0.000015","input_cache_read":"0.0000003","input_cache_write":"0.00000375","request":"0.01"}""", "3 15 0.3 3.75 0.01")]
    [Arguments("""{"input":0.000001,"output":0.000002}""", "1 2 - - 0")]
    [Arguments("""{"prompt":"0","completion":"0"}""", "0 0 - - 0")]
    [Arguments("""{"prompt":"-1","completion":"-1"}""", null)]
    [Arguments("""{"prompt":"0.000003"}""", null)]
    [Arguments("""{"prompt":"\ud800","completion":"NaN"}""", null)]
    [Arguments("[]", null)]
    public async Task Prices_are_for_a_token(string pricing, string? expected)
    {
        using var document = JsonDocument.Parse($$"""{"data":[{"id":"a/b","pricing":{{pricing}}},{"id":"other"}]}""");
        var prices = ModelListing.Read(document.RootElement).Find("A/b").Prices;
        static string Shown(double? price) => price is { } known ? Math.Round(known, 6).ToString(System.Globalization.CultureInfo.InvariantCulture) : "-";
        await Assert.That(prices is null ? null : string.Join(' ', Shown(prices.Input), Shown(prices.Output), Shown(prices.CacheRead), Shown(prices.CacheWrite), Shown(prices.Request)))
            .IsEqualTo(expected);
    }

    [Test]
    [Arguments("""{"data":[{"id":"one","context_length":5000}]}""", "whatever", 5000)]
    [Arguments("""{"data":[{"id":"one","context_length":5000},{"id":"two","context_length":6000}]}""", "two", 6000)]
    [Arguments("""{"data":[{"id":"one","context_length":5000},{"id":"two","context_length":6000}]}""", "three", null)]
    [Arguments("""{"models":[{"name":"llama:latest","context_length":5000},{"name":"x"}]}""", "llama", 5000)]
    [Arguments("""[{"id":"one","context_length":5000},{"id":7},9]""", "one", 5000)]
    [Arguments("""{"data":{"id":"one"}}""", "one", null)]
    [Arguments("""{"data":[{"id":"\ud800","context_length":5000}]}""", "one", null)]
    [Arguments("\"no\"", "one", null)]
    [Arguments("{}", "one", null)]
    public async Task A_model_is_found_by_name_or_because_it_is_the_only_one(string listing, string model, int? expected)
    {
        using var document = JsonDocument.Parse(listing);
        await Assert.That(ModelListing.Read(document.RootElement).Find(model).ContextLength).IsEqualTo(expected);
    }

    [Test]
    [Arguments("""{"parameters":"stop \"x\"\nnum_ctx                        8192\n","model_info":{"llama.context_length":131072}}""", 8192)]
    [Arguments("""{"parameters":"num_ctx 99999999999","model_info":{"general.name":"x","qwen3.context_length":40960}}""", 40_960)]
    [Arguments("""{"parameters":7,"model_info":{"x.context_length":"many"}}""", null)]
    [Arguments("""{"model_info":[]}""", null)]
    [Arguments("[]", null)]
    public async Task Ollama_says_what_it_really_gives(string shown, int? expected)
    {
        using var document = JsonDocument.Parse(shown);
        await Assert.That(LocalModel.OllamaContext(document.RootElement)).IsEqualTo(expected);
    }

    [Test]
    [Arguments("""GET /v1/models {"data":[{"id":"m","max_model_len":12345},{"id":"n"}]}""", "GET /v1/models", 12_345)]
    [Arguments("""POST /api/show {"model_info":{"llama.context_length":23456}}""", "GET /v1/models|POST /api/show", 23_456)]
    [Arguments("""GET /api/v0/models {"data":[{"id":"m","state":"loaded","loaded_context_length":34567,"max_context_length":99999}]}""", "GET /v1/models|POST /api/show|GET /api/v0/models", 34_567)]
    [Arguments("GET /v1/models <html>", "GET /v1/models|POST /api/show|GET /api/v0/models", null)]
    [Arguments("GET /v1/other {}", "GET /v1/models|POST /api/show|GET /api/v0/models", null)]
    public async Task An_endpoint_is_asked_once_in_one_way_after_the_other(string answers, string asked, int? expected)
    {
        await using var server = new ScriptedServer([.. Enumerable.Repeat(Answering(answers), 10)]);
        using var http = new ModelHttp(TimeProvider.System);
        using var catalogue = new ModelCatalogue(http);
        var endpoint = catalogue.Attach(new ModelEndpoint("custom", "m", server.BaseUrl, Harness.Key, ApiMode.ChatCompletions));
        await Assert.That(ContextLengths.Find(endpoint)).IsNull();
        await Task.WhenAll(catalogue.AskAsync(endpoint), catalogue.AskAsync(endpoint));
        await catalogue.AskAsync(catalogue.Attach(endpoint with { Facts = null }));
        await Assert.That(ContextLengths.Find(endpoint)).IsEqualTo(expected);
        await Assert.That(ContextLengths.Find(catalogue.Attach(endpoint with { Facts = null }))).IsEqualTo(expected);
        await Assert.That(ContextLengths.Find(endpoint with { ContextLength = 77 })).IsEqualTo(77);
        await Assert.That(string.Join('|', server.Exchanges.Select(Line))).IsEqualTo(asked);
        foreach (var exchange in server.Exchanges) await Assert.That(exchange.Header("Authorization")).IsEqualTo("Bearer " + Harness.Key);
    }

    [Test]
    [Arguments("http://127.0.0.1:1/v1", "sk-12345678")]
    [Arguments("nonsense", "sk-12345678")]
    [Arguments("http://127.0.0.1:1/v1", "broken\r\nkey")]
    public async Task Who_cannot_be_asked_says_nothing(string url, string key)
    {
        using var http = new ModelHttp(TimeProvider.System);
        using var catalogue = new ModelCatalogue(http);
        var endpoint = catalogue.Attach(new ModelEndpoint("custom", "claude-x", url, key, ApiMode.ChatCompletions));
        await catalogue.AskAsync(endpoint);
        await Assert.That(ContextLengths.Find(endpoint)).IsEqualTo(200_000);
    }

    [Test]
    [Arguments("custom", "http://127.0.0.1:1/v1", true)]
    [Arguments("lmstudio", "http://127.0.0.1:1234/v1", true)]
    [Arguments("openrouter", "https://openrouter.ai/api/v1", true)]
    [Arguments("custom", "https://api.openai.com/v1", false)]
    [Arguments("anthropic", "https://api.anthropic.com", false)]
    [Arguments("custom", "https://api.anthropic.com", false)]
    [Arguments("deepseek", "https://api.deepseek.com/v1", false)]
    [Arguments("gemini", "https://generativelanguage.googleapis.com/v1beta/openai", false)]
    public async Task The_vendors_lists_say_nothing_and_are_not_asked_for(string provider, string url, bool asked)
    {
        using var http = new ModelHttp(TimeProvider.System);
        using var catalogue = new ModelCatalogue(http);
        await Assert.That(catalogue.Attach(new ModelEndpoint(provider, "m", url, "k", ApiMode.ChatCompletions)).Facts is not null).IsEqualTo(asked);
    }

    [Test]
    public async Task A_turn_is_priced_by_what_the_reseller_lists()
    {
        const string listing = """{"data":[{"id":"acme/m","context_length":123456,"pricing":{"prompt":"0.001","completion":"0.002","input_cache_read":"0.0001","request":"0.5"}}]}""";
        await using var server = new ScriptedServer([.. Enumerable.Repeat(Serving(listing), 10)]);
        using var home = new ConfigTestHome();
        using var engine = new TurnEngine(_ => "", (_, _) => null, home.Environment(), TimeProvider.System);
        var endpoint = new ModelEndpoint("openrouter", "acme/m", server.BaseUrl, Harness.Key, ApiMode.ChatCompletions);
        var result = await RunAsync(engine, endpoint, "hi");
        await Assert.That(result.Text).IsEqualTo("fine");
        await Assert.That(result.Usage.Unpriced).IsEqualTo(0);
        await Assert.That(Math.Round(result.Usage.Cost, 6)).IsEqualTo(Math.Round((0.001 * 8) + (0.002 * 5) + (0.0001 * 2) + 0.5, 6));
        await Assert.That(ContextLengths.Find(engine.WithFacts(endpoint))).IsEqualTo(123_456);
        await RunAsync(engine, endpoint, "again");
        await Assert.That(server.Exchanges.Count(exchange => Line(exchange) == "GET /v1/models")).IsEqualTo(1);
    }

    [Test]
    [Arguments("http://127.0.0.1:1/v1", "[]")]
    [Arguments(null, """{"data":[{"id":"acme/m","pricing":{"prompt":"0.001","completion":"0.002"}}]}""")]
    public async Task A_bucket_without_a_price_makes_the_cost_unknown(string? nowhere, string listing)
    {
        await using var server = new ScriptedServer([.. Enumerable.Repeat(Serving(listing), 4)]);
        using var http = new ModelHttp(TimeProvider.System);
        using var catalogue = new ModelCatalogue(http);
        var endpoint = catalogue.Attach(new ModelEndpoint("openrouter", "acme/m", nowhere ?? server.BaseUrl, "", ApiMode.ChatCompletions));
        await catalogue.AskAsync(endpoint);
        var priced = Prices.Priced(new TokenUsage(8, 5, 2, Calls: 1), endpoint);
        await Assert.That(priced.Unpriced).IsEqualTo(1);
        await Assert.That(priced.Cost).IsEqualTo(0);
    }

    [Test]
    public async Task A_small_conversation_waits_for_nobody_and_a_large_one_for_three_seconds()
    {
        var time = new ManualTime();
        var asked = new TaskCompletionSource();
        await using var server = new ScriptedServer(async e =>
        {
            asked.SetResult();
            await e.DisconnectedAsync();
        });
        using var http = new ModelHttp(time);
        using var catalogue = new ModelCatalogue(http);
        var endpoint = new ModelEndpoint("custom", "m", server.BaseUrl, "", ApiMode.ChatCompletions);
        await Assert.That((await catalogue.PrepareAsync(Request(endpoint, "small"), default)).Endpoint.Facts).IsNotNull();
        var large = Request(endpoint, new string('x', 40_000));
        await Assert.That(catalogue.PrepareAsync(large with { Endpoint = endpoint with { ContextLength = 9000 } }, default).IsCompletedSuccessfully).IsTrue();
        var waiting = catalogue.PrepareAsync(large, default);
        await asked.Task;
        await Assert.That(waiting.IsCompleted).IsFalse();
        time.Advance(TimeSpan.FromSeconds(4));
        await waiting;
        using var interrupted = new CancellationTokenSource();
        var another = catalogue.PrepareAsync(large, interrupted.Token);
        await interrupted.CancelAsync();
        await another;
    }

    [Test]
    public async Task What_waits_when_the_engine_ends_is_let_go()
    {
        await using var server = new ScriptedServer(e => e.DisconnectedAsync());
        using var http = new ModelHttp(TimeProvider.System);
        var catalogue = new ModelCatalogue(http);
        var endpoint = catalogue.Attach(new ModelEndpoint("custom", "m", server.BaseUrl, "", ApiMode.ChatCompletions));
        var asking = catalogue.AskAsync(endpoint);
        catalogue.Dispose();
        await asking;
        await Assert.That(endpoint.Facts!.ContextLength).IsNull();
    }

    private static TurnRequest Request(ModelEndpoint endpoint, string text) =>
        new(endpoint, "", [], text, [], new ToolContext("key", "/", new Nobody()), new AgentSettings());

    private static Task<TurnResult> RunAsync(TurnEngine engine, ModelEndpoint endpoint, string text) => engine.RunAsync(Request(endpoint, text), new RecordedEvents(), default);

    private static string Line(Exchange exchange) => string.Join(' ', exchange.Head.Split(' ')[..2]);

    // "METHOD path body": answers that one and refuses everything else.
    private static Func<Exchange, Task> Answering(string answer)
    {
        string[] parts = answer.Split(' ', 3);
        return e => Line(e) == $"{parts[0]} {parts[1]}" ? e.JsonAsync(200, parts[2]) : e.JsonAsync(404, "{}");
    }

    private static Func<Exchange, Task> Serving(string listing) => e => Line(e) == "GET /v1/models"
        ? e.JsonAsync(200, listing)
        : e.EventsAsync(Chat.Text("fine"), """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":2}}}""", "[DONE]");

    private sealed class Nobody : IApprovals
    {
        public bool AllowsEverything => true;

        public bool IsGranted(string patternKey) => true;

        public Task<ApprovalChoice> AskAsync(ApprovalRequest request, CancellationToken cancellationToken) => Task.FromResult(ApprovalChoice.Once);
    }
}
