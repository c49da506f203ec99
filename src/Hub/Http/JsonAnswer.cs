using System.Buffers;
using System.Text.Json;

namespace Hub.Http;

/// <summary>
/// JSON that is written whole before it is sent: so its length is known, and it goes out with its head in one piece and without an end of its own. As
/// <c>Results.Json</c> writes it else. For what is asked often and fits into memory.
/// </summary>
/// <param name="value">Written as <see cref="ApiJson"/> says.</param>
internal sealed class JsonAnswer<T>(T value, int status = StatusCodes.Status200OK) : IResult, IStatusCodeHttpResult, IValueHttpResult
{
    /// <summary>A buffer that grew to more is not kept.</summary>
    private const int MostKept = 256 << 10;

    private static readonly JsonWriterOptions s_options = new() { Encoder = ApiJson.Options.Encoder, MaxDepth = ApiJson.Options.MaxDepth, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    public int? StatusCode => status;

    public object? Value => value;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        ArrayBufferWriter<byte> buffer = t_buffer ?? new ArrayBufferWriter<byte>(1024);
        t_buffer = null; // whoever this thread serves while the answer goes out takes another
        using (Utf8JsonWriter writer = new(buffer, s_options))
            JsonSerializer.Serialize(writer, value, ApiJson.Options);
        HttpResponse response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = buffer.WrittenCount;
        await response.Body.WriteAsync(buffer.WrittenMemory, httpContext.RequestAborted);
        if (buffer.Capacity > MostKept)
            return;
        buffer.ResetWrittenCount();
        t_buffer = buffer;
    }
}
