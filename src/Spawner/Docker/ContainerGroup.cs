using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Spawner.Docker;

/// <summary>A container's control group, its files open: what is read every second for thousands is opened once, which is most of the cost.</summary>
internal sealed class ContainerGroup : IDisposable
{
    /// <summary>Longer than any of the files read here; what is beyond it is not looked at.</summary>
    private const int LongestFile = 8192;

    private readonly bool _isUnified;
    private readonly SafeFileHandle _memory;
    private readonly SafeFileHandle _details;
    private readonly SafeFileHandle _processor;

    private ContainerGroup(bool isUnified, string memory, string details, string processor)
    {
        _isUnified = isUnified;
        _memory = Open(memory);
        try
        {
            _details = Open(details);
            _processor = Open(processor);
        }
        catch
        {
            // It ended between two of them.
            _memory.Dispose();
            _details?.Dispose();
            throw;
        }
    }

    /// <summary>Version 2 of control groups: everything in one place.</summary>
    /// <exception cref="IOException">It ended meanwhile.</exception>
    public static ContainerGroup Unified(string directory) => new(true, $"{directory}/memory.current", $"{directory}/memory.stat", $"{directory}/cpu.stat");

    /// <summary>Version 1: a place for each kind.</summary>
    /// <exception cref="IOException">It ended meanwhile.</exception>
    public static ContainerGroup Split(string memory, string processor) => new(false, $"{memory}/memory.usage_in_bytes", $"{memory}/memory.stat", $"{processor}/cpuacct.usage");

    /// <exception cref="IOException">It ended.</exception>
    /// <exception cref="FormatException">These are no such files.</exception>
    public KernelUsage Read() => _isUnified
        ? ContainerUsage.From(Number(_memory), Field(_details, "inactive_file "u8), Field(_processor, "usage_usec "u8) * 1000)
        : ContainerUsage.From(Number(_memory), Field(_details, "total_inactive_file "u8), Number(_processor));

    public void Dispose()
    {
        _memory.Dispose();
        _details.Dispose();
        _processor.Dispose();
    }

    private static SafeFileHandle Open(string file) => File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static long Number(SafeFileHandle file)
    {
        Span<byte> text = stackalloc byte[64];
        return Parse(text[..RandomAccess.Read(file, text, 0)]);
    }

    /// <summary>The number behind a name at the beginning of a line; 0 where there is none.</summary>
    private static long Field(SafeFileHandle file, ReadOnlySpan<byte> name)
    {
        Span<byte> buffer = stackalloc byte[LongestFile];
        for (ReadOnlySpan<byte> text = buffer[..RandomAccess.Read(file, buffer, 0)]; text.Length > 0;)
        {
            if (text.StartsWith(name)) return Parse(text[name.Length..]);
            int end = text.IndexOf((byte)'\n');
            text = end < 0 ? [] : text[(end + 1)..];
        }
        return 0;
    }

    private static long Parse(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long number, out _) ? number : throw new FormatException("no number");
}
