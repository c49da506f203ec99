using Microsoft.Extensions.Options;

namespace Hub.Contents.Archives;

/// <summary>How many archives of one user are being sent; each holds directories open and costs processor time.</summary>
internal sealed class ArchiveTurns(IOptions<ContentsOptions> options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, int> _running = [];

    /// <summary>Dispose it when the archive is sent.</summary>
    /// <exception cref="ContentException">503: there are as many as the option allows.</exception>
    public IDisposable Enter(long userId)
    {
        lock (_gate)
        {
            int running = _running.GetValueOrDefault(userId);
            if (running >= options.Value.ArchivesPerUser)
                throw new ContentException(ContentFailure.Busy, $"Contents:ArchivesPerUser ({options.Value.ArchivesPerUser}) directories of yours are being downloaded; try again when one is done");
            _running[userId] = running + 1;
        }
        return new Turn(this, userId);
    }

    private void Leave(long userId)
    {
        lock (_gate)
        {
            if (--_running[userId] == 0)
                _running.Remove(userId);
        }
    }

    private sealed class Turn(ArchiveTurns turns, long userId) : IDisposable
    {
        public void Dispose() => turns.Leave(userId);
    }
}
