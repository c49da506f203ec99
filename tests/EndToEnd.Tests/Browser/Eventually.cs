using System.Diagnostics;

namespace EndToEnd.Tests.Browser;

/// <summary>Asks again until the answer is yes; says what it waited for when it never is.</summary>
internal static class Eventually
{
    public static Task TrueAsync(Func<bool> ask, string what) => TrueAsync(() => Task.FromResult(ask()), what);

    public static Task TrueAsync(Func<Task<bool>> ask, string what) => TrueAsync(ask, () => what);

    /// <param name="what">Says what was waited for, and may add how it stands by then.</param>
    public static async Task TrueAsync(Func<Task<bool>> ask, Func<string> what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await ask())
        {
            if (Stopwatch.GetElapsedTime(start) > HubProcess.Patience)
                throw new TimeoutException($"Waited {HubProcess.Patience.TotalSeconds} s for {what()}.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }
}
