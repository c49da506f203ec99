using System.Globalization;
using System.IO.Pipelines;
using Hub.Contents;
using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub.Classes.Ending;

/// <summary>Writes the archive of a class: to whoever asks for it, or into the hub's data when the class ends. A few at a time; others wait.</summary>
internal sealed class ClassExport(ClassesStore classes, Homes homes, DataLayout layout, IOptions<ContentsOptions> contents) : IDisposable
{
    private const int AtOnce = 2;

    /// <summary>Bytes that may wait for a slow reader; the writing waits beyond it.</summary>
    private const int MostWaiting = 1 << 20;

    private readonly SemaphoreSlim _turns = new(AtOnce);

    /// <summary>The archive that was made when the class ended.</summary>
    public string FileOf(long classId) => Path.Combine(layout.Classes, classId.ToString(CultureInfo.InvariantCulture), "archive.zip");

    /// <summary>Streams the archive of this moment, in constant memory.</summary>
    public async Task SendAsync(Class one, Stream target, CancellationToken cancellationToken)
    {
        IReadOnlyList<ClassMember> members = await classes.ListMembersAsync(one.Id, cancellationToken);
        await _turns.WaitAsync(cancellationToken);
        try
        {
            Pipe pipe = new(new PipeOptions(pauseWriterThreshold: MostWaiting, resumeWriterThreshold: MostWaiting / 2, useSynchronizationContext: false));
            using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task writing = OnThreadOfItsOwnAsync(() => WriteAndComplete(pipe.Writer, members, gone.Token));
            try
            {
                await pipe.Reader.CopyToAsync(target, cancellationToken);
            }
            finally
            {
                // A reader that is gone lets a waiting writer go on, and then it sees that nobody wants the rest.
                await gone.CancelAsync();
                await pipe.Reader.CompleteAsync();
                await ((Task)writing.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));
            }
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Writes the archive into the hub's data, whole or not at all; an earlier one is replaced.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task<long> KeepAsync(Class one, CancellationToken cancellationToken)
    {
        IReadOnlyList<ClassMember> members = await classes.ListMembersAsync(one.Id, cancellationToken);
        await _turns.WaitAsync(cancellationToken);
        try
        {
            string file = FileOf(one.Id);
            string unfinished = file + ".unfinished";
            Directory.CreateDirectory(Path.GetDirectoryName(file)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return await OnThreadOfItsOwnAsync(() =>
            {
                try
                {
                    long files;
                    using (FileStream target = new(unfinished, new FileStreamOptions
                    {
                        Mode = FileMode.Create,
                        Access = FileAccess.Write,
                        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                        BufferSize = 1 << 16,
                    }))
                    {
                        files = Write(target, members, cancellationToken);
                        target.Flush(flushToDisk: true);
                    }
                    File.Move(unfinished, file, overwrite: true);
                    return files;
                }
                finally
                {
                    File.Delete(unfinished);
                }
            });
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private bool WriteAndComplete(PipeWriter writer, IReadOnlyList<ClassMember> members, CancellationToken cancellationToken)
    {
        try
        {
            using Stream target = writer.AsStream(leaveOpen: true);
            Write(target, members, cancellationToken);
            writer.Complete();
        }
        catch (Exception failure)
        {
            writer.Complete(failure); // cuts the download, so that nobody takes a part for the whole
        }
        return true;
    }

    private long Write(Stream target, IReadOnlyList<ClassMember> members, CancellationToken cancellationToken)
    {
        using ClassArchive archive = new(target, contents.Value.MaxDirectoryDepth, cancellationToken);
        archive.TakePeople(members);
        foreach (ClassMember member in members.Where(member => !member.Teacher))
            archive.Take(member, homes.Find(member.UserId, member.UserName));
        archive.Finish();
        return archive.Files;
    }

    /// <summary>File system calls may take long and hold their thread, which must not be one that requests need.</summary>
    private static Task<T> OnThreadOfItsOwnAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
