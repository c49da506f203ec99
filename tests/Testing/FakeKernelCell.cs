using System.Globalization;
using System.Text.Json;
using Wire.Jupyter;

namespace Testing;

/// <summary>One cell of a <see cref="FakeKernel"/>: runs its directives and answers.</summary>
internal sealed class FakeKernelCell(FakeKernel kernel, FakeRequest request, CancellationToken interrupted)
{
    private readonly JsonElement _content = JsonDocument.Parse(request.Message.Content).RootElement;
    private (string Name, string Text)? _error;
    private bool _silent;

    public async Task<FakeCellEnd> RunAsync()
    {
        Publish(MessageTypes.Status, new { execution_state = "busy" });
        var code = _content.GetProperty("code").GetString()!;
        Publish(MessageTypes.ExecuteInput, new { code, execution_count = kernel.ExecutionCount });
        foreach (var line in code.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line == "die")
                return FakeCellEnd.Died;
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            try
            {
                interrupted.ThrowIfCancellationRequested();
                await RunAsync(line, space < 0 ? line : line[..space], space < 0 ? "" : line[(space + 1)..]);
            }
            catch (OperationCanceledException) when (!kernel.Ending.IsCancellationRequested)
            {
                _error = ("KeyboardInterrupt", "");
            }

            if (_error is not null)
                break;
        }

        if (_silent)
            return FakeCellEnd.Done;
        if (_error is var (name, text))
        {
            var traceback = new[] { $"{name}: {text}" };
            Publish(MessageTypes.Error, new { ename = name, evalue = text, traceback });
            await kernel.Reply(request, MessageTypes.ExecuteReply, new { status = "error", execution_count = kernel.ExecutionCount, ename = name, evalue = text, traceback });
        }
        else
        {
            await kernel.Reply(request, MessageTypes.ExecuteReply, new
            {
                status = "ok",
                execution_count = kernel.ExecutionCount,
                payload = Array.Empty<object>(),
                user_expressions = new { },
            });
        }

        Publish(MessageTypes.Status, new { execution_state = "idle" });
        return _error is not null && !(_content.TryGetProperty("stop_on_error", out var stop) && !stop.GetBoolean()) ? FakeCellEnd.Failed : FakeCellEnd.Done;
    }

    private async Task RunAsync(string line, string verb, string rest)
    {
        switch (verb)
        {
            case "echo":
                Stream("stdout", rest + "\n");
                break;
            case "warn":
                Stream("stderr", rest + "\n");
                break;
            case "print":
                for (var i = 0; i < int.Parse(rest, CultureInfo.InvariantCulture); i++)
                    Stream("stdout", string.Create(CultureInfo.InvariantCulture, $"line {i}\n"));
                break;
            case "result":
                Result(rest);
                break;
            case "1+1":
                Result("2");
                break;
            case "raise":
                var words = rest.Split(' ', 2);
                _error = (words[0], words.Length > 1 ? words[1] : "");
                break;
            case "input" or "password":
                await AskAsync(rest, verb == "password");
                break;
            case "sleep":
                await kernel.SleepAsync(interrupted);
                break;
            case "display":
                Display(rest);
                break;
            case "displays":
                var (count, size) = rest.Split(' ') is [var first, var second] ? (int.Parse(first, CultureInfo.InvariantCulture), int.Parse(second, CultureInfo.InvariantCulture)) : (0, 0);
                for (var i = 0; i < count; i++)
                    Display([FakeKernel.BufferOf(i, size)]);
                break;
            case "comm":
                var id = rest["open ".Length..];
                kernel.Comms[id] = "fake";
                Publish(MessageTypes.CommOpen, new { comm_id = id, target_name = "fake", data = new { } });
                break;
            case "clear":
                Publish(MessageTypes.ClearOutput, new { wait = false });
                break;
            case "garbage":
                kernel.PublishRaw("garbage"u8.ToArray(), "<IDS|MSG>"u8.ToArray(), "{"u8.ToArray());
                kernel.PublishRaw(new byte[] { 0xff, 0x00 });
                await kernel.ReplyRaw(request, "<IDS|MSG>"u8.ToArray(), "nothing"u8.ToArray());
                break;
            case "forge":
                kernel.PublishForged(request.Message);
                break;
            case "silent":
                _silent = true;
                break;
            default:
                Result(line);
                break;
        }
    }

    private async Task AskAsync(string prompt, bool password)
    {
        if (!kernel.Options.IgnoresAllowStdin && !(_content.TryGetProperty("allow_stdin", out var allowed) && allowed.GetBoolean()))
        {
            _error = ("StdinNotImplementedError", "input was called, but this client does not support it");
            return;
        }

        Stream("stdout", await kernel.AskAsync(request, prompt, password, interrupted) + "\n");
    }

    private void Display(string sizes) =>
        Display([.. sizes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(size => (ReadOnlyMemory<byte>)FakeKernel.BufferOf(0, int.Parse(size, CultureInfo.InvariantCulture)))]);

    private void Display(ReadOnlyMemory<byte>[] buffers)
    {
        kernel.Publish(MessageTypes.DisplayData, new { data = new Dictionary<string, string> { ["text/plain"] = "display" }, metadata = new { }, transient = new { } }, request.Message, buffers);
    }

    private void Result(string text) =>
        Publish(MessageTypes.ExecuteResult, new { execution_count = kernel.ExecutionCount, data = new Dictionary<string, string> { ["text/plain"] = text }, metadata = new { } });

    private void Stream(string name, string text) => Publish(MessageTypes.Stream, new { name, text });

    private void Publish(string type, object content) => kernel.Publish(type, content, request.Message);
}
