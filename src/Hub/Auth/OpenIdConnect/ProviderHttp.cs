using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Asks a provider over HTTP. Every answer has a time limit and a size limit; a redirect is an error, since whoever could send one would choose whom
/// we believe; nothing is decompressed, so that what is counted is what arrives.
/// </summary>
internal sealed class ProviderHttp : IDisposable
{
    private readonly HttpClient _http;
    private readonly OpenIdProviderOptions _options;

    public ProviderHttp(OpenIdProviderOptions options)
    {
        _options = options;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            // So that a provider that moves is found again.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = options.BackchannelTimeout,
        };
        _http = new HttpClient(handler) { Timeout = options.BackchannelTimeout, MaxResponseContentBufferSize = options.MaxAnswerBytes };
    }

    /// <summary>The answer to a GET.</summary>
    /// <exception cref="OpenIdException">The provider is away, or answered something else than 200.</exception>
    public async Task<byte[]> GetAsync(Uri address, string what, string? accessToken, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (accessToken is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        (HttpStatusCode status, byte[] body) = await SendAsync(request, what, cancellationToken);
        return status == HttpStatusCode.OK ? body : throw Unexpected(what, status);
    }

    /// <summary>The answer to a form at the token endpoint, with who we are; errors of OAuth are answers, too.</summary>
    /// <exception cref="OpenIdException">The provider is away, or answered something that is not of OAuth.</exception>
    public async Task<byte[]> PostAsync(Uri address, string what, Dictionary<string, string> form, bool secretInForm, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (_options.ClientSecret.Length == 0 || secretInForm)
        {
            form["client_id"] = _options.ClientId;
            if (_options.ClientSecret.Length > 0)
                form["client_secret"] = _options.ClientSecret;
        }
        else
        {
            // Both are form-encoded before they are joined (RFC 6749 § 2.3.1).
            string both = $"{WebUtility.UrlEncode(_options.ClientId)}:{WebUtility.UrlEncode(_options.ClientSecret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(both)));
        }
        request.Content = new FormUrlEncodedContent(form);
        (HttpStatusCode status, byte[] body) = await SendAsync(request, what, cancellationToken);
        return status is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized ? body : throw Unexpected(what, status);
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, byte[] Body)> SendAsync(HttpRequestMessage request, string what, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
            return (answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (HttpRequestException tooLong) when (tooLong.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new OpenIdException(OpenIdRefusal.ProviderWrong, $"{what} is longer than {_options.MaxAnswerBytes} bytes (MaxAnswerBytes)");
        }
        catch (HttpRequestException away)
        {
            throw new OpenIdException(OpenIdRefusal.ProviderAway, $"{what} cannot be had: {away.HttpRequestError}", away);
        }
        catch (OperationCanceledException slow) when (!cancellationToken.IsCancellationRequested)
        {
            throw new OpenIdException(OpenIdRefusal.ProviderAway, $"{what} did not come within {_options.BackchannelTimeout} (BackchannelTimeout)", slow);
        }
    }

    private static OpenIdException Unexpected(string what, HttpStatusCode status)
    {
        int code = (int)status;
        return code >= 500
            ? new OpenIdException(OpenIdRefusal.ProviderAway, $"the provider answered {code} for {what}")
            : new OpenIdException(OpenIdRefusal.ProviderWrong, $"the provider answered {code} for {what}{(code is >= 300 and < 400 ? "; a redirect is not followed" : "")}");
    }
}
