using Gateway.Protocol;
using Gateway.Protocol.Messages;

namespace Gateway.Rpc.Methods;

/// <summary>Voice mode switches (WIRE 21.7). The gateway neither records nor speaks yet, and says so.</summary>
internal sealed class VoiceMethods
{
    private bool _enabled;
    private bool _speaks;

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
        [Route.Of("voice.toggle", Lane.Inline, json => json.VoiceToggleParams, json => json.VoiceToggleResult, Toggle)];

    private VoiceToggleResult Toggle(VoiceToggleParams request)
    {
        switch (request.Action ?? "status")
        {
            case "status":
                return new VoiceToggleResult(_enabled, _speaks)
                {
                    Available = false,
                    AudioAvailable = false,
                    SttAvailable = false,
                    Details = "Audio capture: MISSING (this gateway does not record sound yet)\nSTT provider: MISSING (this gateway does not recognise speech yet)",
                };
            case "on":
                _enabled = true;
                break;
            case "off":
                _enabled = false;
                break;
            case "tts" when !_enabled:
                throw new RpcException(ErrorCode.VoiceModeOff, "enable voice mode first: /voice on");
            case "tts":
                _speaks = !_speaks;
                break;
            case var action:
                throw new RpcException(ErrorCode.UnknownVoiceAction, $"unknown voice action: {RpcException.Shorten(action)}");
        }

        return new VoiceToggleResult(_enabled, _speaks);
    }
}
