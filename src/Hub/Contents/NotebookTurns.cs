using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Hub.Contents;

/// <summary>
/// Whose turn it is to open a notebook. A notebook is in memory while it is sent, and a slow connection takes long over it: beyond
/// <see cref="ContentsOptions.NotebooksPerUser"/> at once, further ones of the same user wait, so nobody can fill the hub's memory by asking often.
/// </summary>
internal sealed class NotebookTurns(IOptions<ContentsOptions> options)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _users = new(StringComparer.Ordinal);

    /// <summary>Waits for a turn, which lasts until the answer is disposed.</summary>
    public async Task<IDisposable> EnterAsync(string userName, CancellationToken cancellationToken)
    {
        SemaphoreSlim turns = _users.GetOrAdd(userName, _ => new SemaphoreSlim(options.Value.NotebooksPerUser));
        await turns.WaitAsync(cancellationToken);
        return new Turn(turns);
    }

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        public void Dispose() => turns.Release();
    }
}
