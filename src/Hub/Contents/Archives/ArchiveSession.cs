using System.Buffers;
using Hub.Contents.FileSystem;

namespace Hub.Contents.Archives;

/// <summary>
/// A directory on its way into an archive, in steps of <see cref="StepBytes"/>: the thread that reads is free between them, for as long as a slow browser
/// takes, and memory holds one step. Synchronous; runs on the threads of <see cref="ContentThreads"/>, one step at a time.
/// </summary>
internal sealed class ArchiveSession : IDisposable
{
    private const int StepBytes = 1 << 20;

    private readonly ContentRoot _root;
    private readonly ContentPath _path;
    private readonly string _top;
    private readonly ContentsOptions _options;
    private readonly byte[] _buffer = new byte[128 << 10];
    private IEnumerator<bool>? _steps;

    /// <param name="top">Name of the one directory everything in the archive lies in.</param>
    public ArchiveSession(HomeDirectory home, ContentPath path, string top, ContentsOptions options)
    {
        _root = ContentRoot.Open(home);
        _path = path;
        _top = top;
        _options = options;
    }

    /// <summary>Looks once through everything, so that what is too large is refused in words and not by an archive that breaks off.</summary>
    /// <exception cref="ContentException">Not a directory, or beyond a limit, which is named.</exception>
    public void Check()
    {
        OpenedDirectory directory = _root.OpenDirectory(_path);
        directory.Dispose();
        long bytes = 0;
        foreach (ArchiveItem item in Walk().Items())
            if (item.Status.Kind == FileKind.File && (bytes += item.Status.Size) > _options.MaxArchiveBytes)
                throw TooLarge();
    }

    /// <summary>Begins; nothing is written before the first step.</summary>
    public void Begin(ArchiveFormat format, IBufferWriter<byte> buffer) => _steps = Steps(format, buffer).GetEnumerator();

    /// <summary>Writes some more; false when the archive is complete.</summary>
    public bool Step() => _steps!.MoveNext();

    public void Dispose()
    {
        _steps?.Dispose();
        _root.Dispose();
    }

    private IEnumerable<bool> Steps(ArchiveFormat format, IBufferWriter<byte> buffer)
    {
        ArchiveOutput output = new(buffer);
        using IArchiveWriter writer = format.Write(output);
        ArchiveWalk walk = Walk();
        long budget = _options.MaxArchiveBytes;
        long read = 0;
        // What was read counts as well: zeros become next to nothing, and a step has to end.
        long Done() => output.Position + read;
        long stepped = 0;
        foreach (ArchiveItem item in walk.Items())
        {
            if (item.Status.Kind == FileKind.Directory)
            {
                writer.AddDirectory(item.Name, item.Status);
            }
            else if (TryOpen(item, walk.Remarks) is { } file)
            {
                using (file)
                {
                    FileStatus before = file.Status;
                    if ((budget -= before.Size) < 0)
                        throw TooLarge();
                    writer.BeginFile(item.Name, before);
                    long offset = 0;
                    for (int got; (got = Read(file, offset, before.Size - offset)) > 0; offset += got)
                    {
                        writer.Add(_buffer.AsSpan(0, got));
                        read += got;
                        if (Done() - stepped < StepBytes)
                            continue;
                        stepped = Done();
                        yield return true;
                    }
                    writer.EndFile();
                    Compare(item.Name, before, OpenedFile.StatusOf(file.Handle, file.Path), offset, walk.Remarks);
                }
            }
            if (Done() - stepped < StepBytes)
                continue;
            stepped = Done();
            yield return true;
        }
        WriteRemarks(writer, walk.Remarks);
        writer.Finish();
        yield return true;
    }

    private ArchiveWalk Walk() => new(_root, _path, _top, _options);

    private static OpenedFile? TryOpen(ArchiveItem item, ArchiveRemarks remarks)
    {
        try
        {
            OpenedFile? file = item.Directory.OpenFile(item.Entry);
            if (file is null)
                remarks.Add(item.Name, "removed meanwhile");
            return file;
        }
        catch (ContentException closed) when (closed.Failure is ContentFailure.Forbidden or ContentFailure.NotFound)
        {
            remarks.Add(item.Name, closed.Failure == ContentFailure.Forbidden ? "permission denied" : "removed meanwhile");
            return null;
        }
    }

    /// <summary>No more than was announced, though the file may grow while it is read.</summary>
    private int Read(OpenedFile file, long offset, long left) =>
        left <= 0 ? 0 : file.Read(_buffer.AsSpan(0, (int)Math.Min(_buffer.Length, left)), offset);

    private static void Compare(string name, FileStatus before, FileStatus after, long read, ArchiveRemarks remarks)
    {
        if (read < before.Size)
            remarks.Add(name, $"became shorter while it was read: {read} of {before.Size} bytes are its own");
        else if (after.Size != before.Size || after.Modified != before.Modified)
            remarks.Add(name, "changed while it was read");
    }

    private void WriteRemarks(IArchiveWriter writer, ArchiveRemarks remarks)
    {
        if (remarks.IsEmpty)
            return;
        byte[] text = remarks.ToBytes();
        using OpenedDirectory directory = _root.OpenDirectory(_path);
        FileStatus like = OpenedFile.StatusOf(directory.Handle, _path.ToString());
        writer.BeginFile($"{_top}/{ArchiveRemarks.FileName}", like with { Size = text.Length, Mode = FileModes.File });
        writer.Add(text);
        writer.EndFile();
    }

    private ContentException TooLarge() =>
        new(ContentFailure.TooLarge, $"'{_path}' holds more than Contents:MaxArchiveBytes ({_options.MaxArchiveBytes} bytes) allows in one archive");
}
