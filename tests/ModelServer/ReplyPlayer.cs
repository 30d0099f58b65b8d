using ModelServer.Requests;
using ModelServer.Script;
using ModelServer.Wire;

namespace ModelServer;

/// <summary>Plays one reply's steps in order.</summary>
internal sealed class ReplyPlayer
{
    private readonly ModelRequest _request;
    private readonly ReplyOutput _output;
    private readonly Gates _gates;
    private readonly IReplyWriter _writer;
    private readonly ScriptedUsage? _scriptedUsage;
    private readonly bool _usageIsScripted;
    private string? _finish;
    private bool _said;
    private bool _raw;
    private bool _over;
    private int _calls;
    private long _characters;

    public ReplyPlayer(Reply reply, ModelRequest request, ReplyOutput output, Gates gates)
    {
        _request = request;
        _output = output;
        _gates = gates;
        // Anthropic tells the prompt's tokens before anything else, wherever the script names them.
        UsageStep? usage = reply.Steps.OfType<UsageStep>().LastOrDefault();
        _usageIsScripted = usage is not null;
        _scriptedUsage = usage?.Usage;
        _writer = !request.Stream ? new WholeReply(output, request)
            : request.Api == WireApi.Chat ? new ChatStream(output, request)
            : request.Api == WireApi.Responses ? new ResponsesStream(output, request)
            : new MessagesStream(output, request, Usage());
    }

    public async Task PlayAsync(IReadOnlyList<Step> steps)
    {
        await PlayAsync(steps, 1);
        if (_over || (_raw && !_said)) return;
        if (_finish == "missing")
        {
            _output.MarkEnding();
            return;
        }
        await _writer.BeginAsync();
        await _writer.FinishAsync(_finish ?? (_calls > 0 ? "tool_calls" : "stop"), Usage());
    }

    private async Task PlayAsync(IReadOnlyList<Step> steps, int round)
    {
        foreach (Step step in steps)
        {
            if (_over) return;
            await PlayAsync(step, round);
        }
    }

    private async Task PlayAsync(Step step, int round)
    {
        CancellationToken token = _output.CancellationToken;
        _said |= step is TextStep or ReasoningStep or RedactedReasoningStep or ToolCallsStep;
        switch (step)
        {
            case TextStep text:
                foreach (string piece in Pieces.Of(Count(Template.Fill(text.Text, _request, round)), text.Chunk))
                    await _writer.TextAsync(piece);
                break;
            case ReasoningStep reasoning:
                foreach (string piece in Pieces.Of(Count(Template.Fill(reasoning.Text, _request, round)), reasoning.Chunk))
                    await _writer.ReasoningAsync(piece, reasoning.Spelling);
                await _writer.EndReasoningAsync(reasoning.Spelling, reasoning.Signature);
                break;
            case RedactedReasoningStep redacted:
                await _writer.RedactedReasoningAsync(redacted.Data);
                break;
            case ToolCallsStep calls:
                await CallAsync(calls, round);
                break;
            case RepeatStep repeat:
                for (int n = 1; n <= repeat.Count; n++) await PlayAsync(repeat.Steps, n);
                break;
            case FinishStep finish:
                _finish = finish.Reason;
                break;
            case KeepAliveStep keepAlive:
                for (int n = 0; n < keepAlive.Count; n++) await _writer.KeepAliveAsync();
                break;
            case HeadersStep:
                await _output.BeginAsync();
                break;
            case RawStep raw:
                await RawAsync(raw);
                break;
            case DelayStep delay:
                await Task.Delay(delay.Delay, token);
                break;
            case GateStep gate:
                await _gates.PassAsync(gate.Name, token);
                break;
            case HoldStep:
                await Task.Delay(Timeout.Infinite, token);
                break;
            case DropStep drop:
                _over = true;
                await _output.DropAsync(drop.Reset);
                break;
            case ErrorStep error:
                _over = true;
                await _writer.ErrorAsync(error);
                break;
            case StatusStep status:
                _over = true;
                await StatusAsync(status);
                break;
            case UsageStep:
                break; // Looked up when the reply began.
        }
    }

    /// <summary>All calls in turn, or one fragment of each by turns.</summary>
    private async Task CallAsync(ToolCallsStep step, int round)
    {
        List<(ScriptedCall Call, int Index, Queue<string> Pieces)> calls = [];
        foreach (ScriptedCall call in step.Calls)
        {
            string arguments = Count(Template.FillJson(call.Arguments, _request, round));
            calls.Add((call, _calls++, new Queue<string>(Wire.Pieces.Of(arguments, call.Whole ? 0 : call.Fragment))));
        }

        // Anthropic and Responses close one block or item before the next begins, so there is nothing to interleave.
        if (step.Interleave && _request.Api == WireApi.Chat)
        {
            foreach (var call in calls) await BeginAsync(call.Call, call.Index, call.Pieces);
            while (calls.Any(call => call.Pieces.Count > 0))
                foreach (var call in calls)
                    if (call.Pieces.TryDequeue(out string? piece)) await _writer.ArgumentsAsync(call.Call, call.Index, piece);
            return;
        }

        foreach (var call in calls)
        {
            await BeginAsync(call.Call, call.Index, call.Pieces);
            while (call.Pieces.TryDequeue(out string? piece)) await _writer.ArgumentsAsync(call.Call, call.Index, piece);
        }
    }

    private Task BeginAsync(ScriptedCall call, int index, Queue<string> pieces) =>
        _writer.BeginCallAsync(call, index, call.Whole && pieces.TryDequeue(out string? all) ? all : "");

    private async Task RawAsync(RawStep raw)
    {
        _raw = true;
        int step = raw.Chunk > 0 ? raw.Chunk : Math.Max(1, raw.Bytes.Length);
        for (int start = 0; start < raw.Bytes.Length; start += step)
            await _output.WriteAsync(raw.Bytes.Slice(start, Math.Min(step, raw.Bytes.Length - start)));
    }

    private async Task StatusAsync(StatusStep status)
    {
        if (_output.Begun) throw new InvalidOperationException("a status step after output: the status line is already sent");
        if (status.RetryAfter is { } retryAfter) _output.SetHeader("Retry-After", retryAfter);
        foreach ((string name, string value) in status.Headers) _output.SetHeader(name, value);
        ReadOnlyMemory<byte> body = status.Body is { } given
            ? System.Text.Encoding.UTF8.GetBytes(given)
            : Errors.Body(_request.Api, status.Status, status.ErrorType, status.Message);
        await _output.WriteBodyAsync(body, status.ContentType ?? "application/json", status.Status);
    }

    private ScriptedUsage? Usage() => _usageIsScripted
        ? _scriptedUsage
        : new ScriptedUsage(_request.EstimatedTokens, (_characters + 3) / 4, 0, 0, 0);

    private string Count(string text)
    {
        _characters += text.Length;
        return text;
    }
}
