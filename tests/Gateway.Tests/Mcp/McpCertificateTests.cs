using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Gateway.Diagnostics;
using Gateway.Mcp;
using Gateway.Tests.Shared;
using Gateway.Tests.ToolsTests;

namespace Gateway.Tests.McpTests;

/// <summary>Which certificates of servers on the network are good enough (CONFIG.md 6, ssl_verify).</summary>
[NotInParallel("children")]
public class McpCertificateTests
{
    private const string Untrusted = "its certificate is not trusted; ssl_verify can name the file of those that are";

    [Test]
    [Arguments("127.0.0.1", "", Untrusted)]
    [Arguments("127.0.0.1", ", ssl_verify: true", Untrusted)]
    [Arguments("127.0.0.1", ", ssl_verify: ''", Untrusted)]
    [Arguments("127.0.0.1", ", ssl_verify: false", null)]
    [Arguments("127.0.0.1", ", ssl_verify: 'off'", null)]
    [Arguments("elsewhere.example", ", ssl_verify: no", null)]
    [Arguments("127.0.0.1", ", ssl_verify: '$home/own.pem'", null)]
    [Arguments("127.0.0.1", ", ssl_verify: '~/home/own.pem'", null)]
    [Arguments("127.0.0.1", ", ssl_verify: '$home/other.pem'", Untrusted)]
    [Arguments("elsewhere.example", ", ssl_verify: '$home/own.pem'", Untrusted)]
    [Arguments("127.0.0.1", ", ssl_verify: '$home/none.pem'", "its ssl_verify names $home/none.pem, and there is no such file")]
    [Arguments("127.0.0.1", ", ssl_verify: '$home/config.yaml'", "$home/config.yaml (ssl_verify) has no certificates in PEM form")]
    [Arguments("127.0.0.1", ", ssl_verify: '$home/broken.pem'", "the certificates in $home/broken.pem (ssl_verify) cannot be read")]
    public async Task The_entry_says_which_certificates_are_good_enough(string name, string verify, string? problem)
    {
        if (!new TlsLibrary().Present) Skip.Test("there is no OpenSSL on this machine");
        using var certificate = SelfSigned(name);
        using var other = SelfSigned("127.0.0.1");
        using var server = new LoginServer { IsOpen = true };
        await using var front = new TlsFront(new Uri(server.Url).Port, certificate);
        using var stage = new ToolStage();
        await File.WriteAllTextAsync(Path.Combine(stage.Home, "own.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(stage.Home, "other.pem"), other.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(stage.Home, "broken.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        await File.WriteAllTextAsync(
            Path.Combine(stage.Home, "config.yaml"),
            $"mcp: {{first_turn_wait: 60}}\nmcp_servers: {{cloud: {{url: 'https://127.0.0.1:{front.Port}/mcp', headers: {{Authorization: 'Bearer a-token'}}{verify.Replace("$home", stage.Home)}}}}}\n");
        using var hub = new McpHub(stage.Kit.Environment, stage.Kit.Config, stage.Children, TimeProvider.System);
        await hub.ReloadAsync(CancellationToken.None);
        await Assert.That(hub.States[0].Problem).IsEqualTo(problem?.Replace("$home", stage.Home));
        string log = Path.Combine(stage.Home, "logs", "mcp-stderr.log");
        bool isOff = problem is null && !verify.Contains(".pem");
        await Assert.That(File.Exists(log) && (await File.ReadAllTextAsync(log)).Contains("the certificate of 'cloud' is not checked")).IsEqualTo(isOff);
        if (problem is not null) return;
        using var arguments = JsonDocument.Parse("{}");
        var result = await hub.Tools.Single().RunAsync(new("call", "mcp_cloud_who", arguments.RootElement), stage.Context, CancellationToken.None);
        await Assert.That(result.Content).Contains("a-token");
    }

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    /// <summary>Puts TLS in front of a server on this machine.</summary>
    private sealed class TlsFront : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _run;

        public TlsFront(int behind, X509Certificate2 certificate)
        {
            _listener.Start();
            _run = ServeAsync(behind, certificate);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }

        private async Task ServeAsync(int behind, X509Certificate2 certificate)
        {
            while (true) _ = CarryAsync(await _listener.AcceptTcpClientAsync(_stop.Token), behind, certificate);
        }

        private async Task CarryAsync(TcpClient client, int behind, X509Certificate2 certificate)
        {
            try
            {
                using (client)
                using (var server = new TcpClient())
                {
                    await using var tls = new SslStream(client.GetStream());
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, _stop.Token);
                    await server.ConnectAsync(IPAddress.Loopback, behind, _stop.Token);
                    Task there = tls.CopyToAsync(server.GetStream(), _stop.Token), back = server.GetStream().CopyToAsync(tls, _stop.Token);
                    await Task.WhenAny(there, back);
                    server.Close();
                    client.Close();
                    await Task.WhenAll(there, back);
                }
            }
            catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // A client that does not trust it has left.
            }
        }
    }
}
