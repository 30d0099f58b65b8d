using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests.Shared;

/// <summary>A port that is taken but gets nobody anywhere.</summary>
public sealed class DeafPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Takes a port.</summary>
    /// <param name="listens">Connections are established and then left alone; otherwise they are refused.</param>
    public DeafPort(bool listens)
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        if (listens) _socket.Listen();
    }

    /// <summary>Where sidecars connect to.</summary>
    public string Url => $"ws://127.0.0.1:{Port}/api/pub?token={FrameSink.Token}&channel=c";

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Whether somebody has connected.</summary>
    public bool HasVisitor => _socket.Poll(0, SelectMode.SelectRead);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
