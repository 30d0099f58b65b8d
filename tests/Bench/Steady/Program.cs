// The gateway's own code on its steady paths, with a count of what it allocates there:
//
//     steady deltas COUNT       a first line, then COUNT pieces of streamed text, each a frame of 150 bytes
//     steady requests           serves standard input as the gateway does
//
// At the end, one line on standard error: the bytes allocated for each after a warm-up.
using System.Globalization;
using Gateway.Bench;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Protocol;
using Gateway.Rpc;
using Gateway.Transport;

return args switch
{
    ["deltas", var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 => await StreamAsync(count),
    ["requests"] => Serve(),
    _ => Usage(),
};

static int Usage()
{
    GatewayLog.StandardError("usage: steady deltas COUNT | steady requests");
    return 2;
}

// What the turn engine does with a reply, without the model: a text event for each piece, then a wait for room.
static async Task<int> StreamAsync(int count)
{
    const int frameBytes = 150;
    const string session = "0123abcd";
    bool lost = false;
    var outbox = new Outbox(new StdioTransport(StandardDescriptors.Claim().Output, (_, _, _) => lost = true));
    var log = new EventLog(session);
    outbox.Event(outbox.Events.MessageStart, log);

    using var measure = new FrameBuffer(new WireEncoder());
    string text = new('x', frameBytes - measure.TextEvent(outbox.Events.MessageDelta, session, "", count).Length);
    var meter = new AllocationMeter("delta", count / 10);
    for (int i = 0; i < count && !lost; i++)
    {
        meter.Next();
        outbox.TextEvent(outbox.Events.MessageDelta, log, text, Joining.Append);
        await outbox.RoomAsync(CancellationToken.None);
    }

    meter.Report();
    return outbox.Close(TimeSpan.FromSeconds(20)) ? 0 : 1;
}

// Program.cs of the gateway, without signals and the sidecar.
static int Serve()
{
    var environment = GatewayEnvironment.FromProcess(GatewayLog.StandardError);
    var log = new GatewayLog(() => Path.Combine(environment.HermesHome, "logs"), SecretMask.Redact);
    var descriptors = StandardDescriptors.Claim();
    var input = new StdioInput(descriptors.Input, LineReader.DefaultMaxLineBytes);
    var outbox = new Outbox(new StdioTransport(descriptors.Output, (_, _, _) => input.Stop()));
    Greeting.Send(outbox, environment);
    using var server = new GatewayServer(environment, log, TimeProvider.System, outbox);

    var meter = new AllocationMeter("request", warmUp: 1000);
    server.Serve(new MeteredLines(input, meter));
    meter.Report();
    server.Shutdown(TimeSpan.FromSeconds(1), drain: true);
    return input.Failure is null ? 0 : 1;
}
