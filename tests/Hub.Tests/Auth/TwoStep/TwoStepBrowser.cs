using System.Net;
using System.Text.RegularExpressions;
using Hub.Auth.TwoStep;

namespace Hub.Tests.Auth.TwoStep;

/// <summary>Somebody at a browser with an authenticator app beside it.</summary>
internal sealed partial class TwoStepBrowser(HubFixture hub, TimeProvider time) : IDisposable
{
    public const string Password = "correct horse battery";

    public CookieContainer Cookies { get; } = new();

    public HttpClient Browser => field ??= hub.Browser(Cookies);

    /// <summary>What the app knows.</summary>
    public byte[] Secret { get; set; } = [];

    public string? Ticket { get; private set; }

    public bool IsSignedIn => Cookies.GetCookies(hub.Address)["hub-signin"] is { Value.Length: > 0 };

    public string Code(int steps = 0) => TotpCodec.Code(Secret, TotpCodec.StepAt(time.GetUtcNow()) + steps);

    /// <summary>Name and password; the page that follows.</summary>
    public async Task<(HttpStatusCode Status, string Html, string? Location)> SignInAsync(string name, string password = Password, string query = "")
    {
        (await Browser.GetAsync("hub/login" + query)).Dispose();
        (HttpStatusCode, string Html, string?) answer = await PostAsync("hub/login" + query, ("username", name), ("password", password));
        Ticket = Field(answer.Html, "ticket");
        return answer;
    }

    /// <summary>The second page.</summary>
    public Task<(HttpStatusCode Status, string Html, string? Location)> EnterAsync(string code, string query = "", string? ticket = null) =>
        PostAsync("hub/login/code" + query, ("ticket", ticket ?? Ticket ?? ""), ("code", code));

    /// <summary>Reads the key off the set-up page, as an app does, and types its code; the recovery codes.</summary>
    public async Task<IReadOnlyList<string>> TurnOnAsync()
    {
        string html = await Browser.GetStringAsync("hub/two-step");
        Secret = KeyOf(html);
        (HttpStatusCode status, string said, _) = await PostAsync("hub/two-step", ("offer", Field(html, "offer")!), ("code", Code()));
        Xunit.Assert.Equal(HttpStatusCode.OK, status);
        return CodesOf(said);
    }

    public static byte[] KeyOf(string html) => Decode(Key().Match(html).Groups[1].Value.Replace(" ", "", StringComparison.Ordinal));

    public static IReadOnlyList<string> CodesOf(string html) => [.. Codes().Matches(html).Select(match => match.Groups[1].Value)];

    public static string? Field(string html, string name) =>
        Regex.Match(html, $"name=\"{name}\" value=\"([^\"]*)\"") is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[1].Value) : null;

    public async Task<(HttpStatusCode Status, string Html, string? Location)> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using HttpResponseMessage answer = await Browser.PostAsync(
            path, new FormUrlEncodedContent([.. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)), KeyValuePair.Create("_xsrf", hub.Xsrf(Cookies))]));
        return (answer.StatusCode, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()), answer.Headers.Location?.OriginalString);
    }

    public void Dispose() => Browser.Dispose();

    private static byte[] Decode(string letters)
    {
        List<byte> bytes = [];
        int waiting = 0;
        int bits = 0;
        foreach (char letter in letters)
        {
            waiting = ((waiting << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal)) & 0xFFFF;
            bits += 5;
            if (bits >= 8)
                bytes.Add((byte)(waiting >> (bits -= 8)));
        }
        return [.. bytes];
    }

    [GeneratedRegex("aria-label=\"The key\">([A-Z2-7 ]+)<")]
    private static partial Regex Key();

    [GeneratedRegex("<code>([a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4})</code>")]
    private static partial Regex Codes();
}
