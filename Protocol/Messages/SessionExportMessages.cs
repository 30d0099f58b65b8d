namespace Gateway.Protocol.Messages;

/// <summary>session.save</summary>
/// <param name="File">Absolute path of the file.</param>
internal sealed record SessionSaveResult(string File);
