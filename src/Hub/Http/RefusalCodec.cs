using System.Text;

namespace Hub.Http;

/// <summary>Gives a body to the bare answers with which Kestrel refuses what it cannot parse (a header too long, a malformed request line).</summary>
internal static class RefusalCodec
{
    /// <summary>
    /// The same refusal with a JSON body in both APIs' shapes at once (nobody knows yet which was meant); null when <paramref name="written"/> is no
    /// bare refusal. Kestrel's has no header but <c>Content-Length: 0</c>, <c>Connection: close</c> and <c>Date</c>; ours always carry more.
    /// </summary>
    public static byte[]? TryExplain(ReadOnlySpan<byte> written, HttpOptions limits)
    {
        if (written.Length is < 20 or > 400
            || !written.StartsWith("HTTP/1.1 4"u8)
            || !written.EndsWith("\r\n\r\n"u8)
            || written.IndexOf("Content-Length: 0\r\n"u8) < 0
            || written.IndexOf("Connection: close\r\n"u8) < 0
            || written.IndexOf("X-Content-Type-Options"u8) >= 0)
            return null;
        string head = Encoding.ASCII.GetString(written);
        string status = head.Substring("HTTP/1.1 ".Length, 3);
        string body = $$"""{"status":{{status}},"message":"{{Explain(status, limits)}}","reason":null}""";
        return Encoding.ASCII.GetBytes(
            head.Replace("Content-Length: 0\r\n", $"Content-Length: {body.Length}\r\nContent-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n", StringComparison.Ordinal)
            + body);
    }

    private static string Explain(string status, HttpOptions limits) => status switch
    {
        "431" => $"The headers are longer than Http:MaxHeaderBytes ({limits.MaxHeaderBytes} bytes), or there are more than 100.",
        "414" => $"The request line is longer than Http:MaxRequestLineBytes ({limits.MaxRequestLineBytes} bytes).",
        "408" => $"The headers did not arrive within Http:HeaderTimeoutSeconds ({limits.HeaderTimeoutSeconds} seconds).",
        "413" => $"The body is longer than Http:MaxBodyBytes ({limits.MaxBodyBytes} bytes).",
        _ => "The request line or a header is malformed.",
    };
}
