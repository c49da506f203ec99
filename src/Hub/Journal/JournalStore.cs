using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Hub.Journal;

/// <summary>The journals of all kernels.</summary>
public sealed class JournalStore(IOptions<JournalOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, KernelJournal> _open = new(StringComparer.Ordinal);

    /// <summary>Kernels that have a journal, open or left by a former run.</summary>
    public IReadOnlyList<string> KernelIds => [.. _open.Keys];

    /// <summary>The journal of this kernel: the one that is open, what a former run left, or a new one.</summary>
    /// <exception cref="ArgumentException">The id is no name for a directory.</exception>
    public KernelJournal Open(string kernelId)
    {
        ArgumentNullException.ThrowIfNull(kernelId);
        if (kernelId.Length is 0 or > 100 || kernelId.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            throw new ArgumentException("a kernel's id has 1 to 100 letters, digits, - and _", nameof(kernelId));
        return _open.GetOrAdd(kernelId, id => new KernelJournal(id, options.Value, time));
    }

    /// <summary>The kernel is no more and nobody will ask what it said: its journal goes at once.</summary>
    public async Task DeleteAsync(string kernelId)
    {
        if (_open.TryRemove(kernelId, out KernelJournal? journal))
            await journal.DisposeAsync();
    }
}
