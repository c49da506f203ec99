using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Hub.Kernels;

/// <summary>Turns the request for a tab's WebSocket into a <see cref="TabStream"/> (RFC 6455 §4.2.2, RFC 8441 §5).</summary>
internal static class TabUpgradeHandler
{
    /// <summary>What every server proves with that it understood (RFC 6455 §1.3).</summary>
    private static ReadOnlySpan<byte> Guid => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    /// <param name="context">Its request is known to ask for a WebSocket in a proper way.</param>
    /// <param name="subProtocol">One the client offered; null for none.</param>
    /// <exception cref="IOException">The connection is over.</exception>
    public static async Task<TabStream> UpgradeAsync(HttpContext context, string? subProtocol)
    {
        IHeaderDictionary headers = context.Response.Headers;
        if (subProtocol is not null)
            headers.SecWebSocketProtocol = subProtocol;

        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            // HTTP/2 wraps what is written in frames of its own.
            Stream stream = await connect.AcceptAsync();
            return new TabStream(stream, PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: TabStream.BlockBytes, leaveOpen: true)), subProtocol, context.Abort);
        }

        headers.Connection = HeaderNames.Upgrade;
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = Accept(context.Request.Headers.SecWebSocketKey.ToString().Trim());
        Stream upgraded = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        // After the upgrade the server writes nothing by itself until this request ends, so its buffer is ours: written to directly it gives
        // blocks of any size, while the stream above it copies into pages of 4 KiB, each an entry of its own in the system call.
        return new TabStream(upgraded, context.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport.Output, subProtocol, context.Abort);
    }

#pragma warning disable CA5350 // SHA-1 is what the protocol asks for; it proves that the server speaks WebSocket and protects nothing.
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData((byte[])[.. Encoding.ASCII.GetBytes(key), .. Guid]));
#pragma warning restore CA5350
}
