using Gateway.Agent.Models;
using Gateway.Config;

namespace Gateway.Agent.Logins;

/// <summary>Makes calls with the credentials that an endpoint has: logins are renewed before they end and once when they are refused, and
/// where one credential is used up the next is taken (AGENT.md 5.2). Whoever asks sees a failure only when none helped.</summary>
/// <param name="inner">Speaks the format.</param>
/// <param name="renewal">Keeps logins valid.</param>
/// <param name="marks">Knows what is used up.</param>
/// <param name="time">Clock of the wait.</param>
internal sealed class SignedInClient(IModelClient inner, LoginRenewal renewal, PoolMarks marks, TimeProvider time) : IModelClient
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public Task StreamAsync(ModelRequest request, ReplyAssembler reply, CancellationToken cancellationToken) =>
        request.Endpoint.Credentials.Count == 0 ? inner.StreamAsync(request, reply, cancellationToken) : PooledAsync(request, reply, cancellationToken);

    private async Task PooledAsync(ModelRequest request, ReplyAssembler reply, CancellationToken cancellationToken)
    {
        string provider = request.Endpoint.Provider;
        var left = new Queue<Credential>(request.Endpoint.Credentials.OrderBy(credential => marks.Rests(provider, credential)));
        while (true)
        {
            var credential = left.Dequeue();
            try
            {
                await marks.TakenAsync(provider, credential, cancellationToken);
                await OneAsync(request, credential, left.Count > 0, reply, cancellationToken);
                return;
            }
            catch (ModelException failure) when (failure.Error.Kind is ModelErrorKind.Auth or ModelErrorKind.Billing or ModelErrorKind.RateLimit && !reply.AnyContent)
            {
                if (request.Endpoint.Credentials.Count > 1) await marks.UsedUpAsync(provider, credential, failure.Error, cancellationToken);
                if (left.Count == 0) throw;
            }
        }
    }

    // A refused login is renewed once; too many requests may pass in a moment, which is better than taking the next key at once.
    private async Task OneAsync(ModelRequest request, Credential credential, bool others, ReplyAssembler reply, CancellationToken cancellationToken)
    {
        string provider = request.Endpoint.Provider;
        string? refused = null;
        bool waited = false;
        while (true)
        {
            var ready = await renewal.ReadyAsync(provider, credential, refused, cancellationToken);
            try
            {
                await inner.StreamAsync(request with { Endpoint = request.Endpoint with { ApiKey = ready.Key, BaseUrl = ready.BaseUrl ?? request.Endpoint.BaseUrl } }, reply, cancellationToken);
                return;
            }
            catch (ModelException failure) when (failure.Error.Kind == ModelErrorKind.Auth && credential.Login != LoginKind.Key && refused is null && !reply.AnyContent)
            {
                refused = ready.Key;
            }
            catch (ModelException failure) when (failure.Error.Kind == ModelErrorKind.RateLimit && others && !waited
                && (failure.Error.RetryAfter ?? Pause) <= LongestPause && !reply.AnyContent)
            {
                waited = true;
                await Task.Delay(failure.Error.RetryAfter ?? Pause, time, cancellationToken);
            }
        }
    }
}
