using System.Buffers.Binary;
using System.Globalization;

namespace Hub.Contents.Quotas;

/// <summary>
/// Makes images larger after a quota was raised: checked and offline while nothing has them mounted, otherwise online, below the kernels that have them open. Never smaller: the
/// hub refuses to write beyond a lowered quota, a kernel still can. A growth that was cut off is finished at the next one: what counts is what the file system says of
/// itself, not how long its file is. Synchronous; takes 10 to 100 ms.
/// </summary>
internal sealed partial class ImageGrowth(bool inFull, ILogger logger)
{
    /// <summary>CAP_SYS_RESOURCE.</summary>
    internal const int MayResize = 24;

    /// <summary>mkfs.ext4 and resize2fs leave out a last piece too small for its own tables.</summary>
    private const long Slack = 8 << 20;

    /// <summary>Before it is mounted; nothing happens while something has it open, such as a kernel of a former run of the hub.</summary>
    public void GrowUnused(string image, long quota)
    {
        ImagePlan plan = ImagePlan.For(quota);
        if (!IsSmaller(image, plan) || SystemTool.Run("losetup", "-j", image).Said.Length > 0)
            return;
        (int checkedWith, string said) = SystemTool.Run("e2fsck", "-f", "-p", image);
        // 1: errors were found and corrected.
        if (checkedWith > 1)
            LogNotGrown(image, said);
        else
            Grow(image, image, plan);
    }

    /// <summary>While it is mounted and written to.</summary>
    public void GrowMounted(string image, long quota)
    {
        ImagePlan plan = ImagePlan.For(quota);
        if (!IsSmaller(image, plan))
            return;
        if (!HasCapability(MayResize))
        {
            LogNotGrown(image, "the hub lacks CAP_SYS_RESOURCE, which this needs while a home is mounted; it is done when the home is mounted the next time");
            return;
        }
        (int found, string device) = SystemTool.Run("losetup", "-j", image, "-n", "-O", "NAME");
        if (found != 0 || !device.StartsWith("/dev/", StringComparison.Ordinal) || device.Contains(' ', StringComparison.Ordinal))
            LogNotGrown(image, $"its loop device is not known: {device}");
        else
            Grow(image, device, plan);
    }

    /// <summary>Gives the file the length of the plan, with the room for it or without.</summary>
    public (int ExitCode, string Said) Stretch(string image, ImagePlan plan) =>
        inFull ? SystemTool.Run("fallocate", "-l", Number(plan.ImageBytes), image) : SystemTool.Run("truncate", "-s", Number(plan.ImageBytes), image);

    /// <param name="system">The image, or the loop device it is mounted by.</param>
    private void Grow(string image, string system, ImagePlan plan)
    {
        long before = new FileInfo(image).Length;
        if (before < plan.ImageBytes && Stretch(image, plan) is (not 0, var refused))
        {
            // The disk has no room: it stays as it is.
            SystemTool.Run("truncate", "-s", Number(before), image);
            LogNotGrown(image, refused);
            return;
        }
        (int grown, string said) = system == image ? (0, "") : SystemTool.Run("losetup", "-c", system);
        if (grown == 0)
            (grown, said) = SystemTool.Run("resize2fs", system);
        // The reserve grew in proportion, which is too much.
        if (grown == 0)
            (grown, said) = SystemTool.Run("tune2fs", "-m", plan.Reserve, system);
        if (grown == 0)
            LogGrown(image, plan.ImageBytes);
        else
            LogNotGrown(image, said);
    }

    private static bool IsSmaller(string image, ImagePlan plan)
    {
        long length = new FileInfo(image).Length;
        return length < plan.ImageBytes || SizeOf(image) is not { } bytes || bytes + Slack < length;
    }

    /// <summary>What ext4 says of its own size; a moment old while it is mounted. Null when that is no ext4.</summary>
    /// <remarks>
    /// The superblock begins at byte 1024 (https://docs.kernel.org/filesystems/ext4/super.html), all little endian:
    /// <c>0x4 blocks, low u32 | 0x18 log2(block size) - 10 u32 | 0x38 magic 0xEF53 u16 | 0x150 blocks, high u32</c>.
    /// </remarks>
    internal static long? SizeOf(string image)
    {
        byte[] super = new byte[1024];
        using FileStream file = new(image, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite });
        file.Position = 1024;
        if (file.ReadAtLeast(super, super.Length, throwOnEndOfStream: false) < super.Length || BinaryPrimitives.ReadUInt16LittleEndian(super.AsSpan(0x38)) != 0xEF53)
            return null;
        long blocks = BinaryPrimitives.ReadUInt32LittleEndian(super.AsSpan(0x4)) | ((long)BinaryPrimitives.ReadUInt32LittleEndian(super.AsSpan(0x150)) << 32);
        return blocks << (10 + BinaryPrimitives.ReadInt32LittleEndian(super.AsSpan(0x18)));
    }

    /// <summary>Does this process have a capability? The programs it runs have the same.</summary>
    internal static bool HasCapability(int number) =>
        File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("CapEff:", StringComparison.Ordinal)) is { } line
        && ulong.TryParse(line.AsSpan("CapEff:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong capabilities)
        && (capabilities & (1UL << number)) != 0;

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(907, LogLevel.Warning, "The image {Image} could not be made larger: {Said}")]
    private partial void LogNotGrown(string image, string said);

    [LoggerMessage(913, LogLevel.Information, "The image {Image} was made larger, to {Bytes} bytes")]
    private partial void LogGrown(string image, long bytes);
}
