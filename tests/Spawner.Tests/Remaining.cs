using Testing;
using Xunit;

namespace Spawner.Tests;

/// <summary>What kernels left behind.</summary>
internal static class Remaining
{
    /// <summary>Processes die a moment after they are killed, so this waits before it complains.</summary>
    public static async Task NothingAsync(Func<Task<IReadOnlyList<string>>> look)
    {
        IReadOnlyList<string> remains = [];
        try
        {
            await Eventually.Holds(async () => (remains = await look()).Count == 0);
        }
        catch (TimeoutException)
        {
            Assert.Empty(remains);
        }
    }
}
