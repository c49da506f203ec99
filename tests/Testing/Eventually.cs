using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Testing;

/// <summary>Waits for something that happens elsewhere and gives no signal of its own.</summary>
public static class Eventually
{
    /// <summary>The one timeout of all tests: generous, since it is only ever waited out by a failure.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(10);

    /// <exception cref="TimeoutException">It did not become true within <see cref="Timeout"/>; the text is the condition as written.</exception>
    public static Task Holds(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Holds(() => Task.FromResult(condition()), what);

    /// <inheritdoc cref="Holds(Func{bool}, string)"/>
    public static async Task Holds(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Timeout)
                throw new TimeoutException($"not true within {Timeout.TotalSeconds} s: {what}");
            await Task.Delay(LookAgainAfter, TimeProvider.System);
        }
    }

    /// <summary>Ends with a failure that names <paramref name="what"/> instead of hanging.</summary>
    public static async Task<T> Comes<T>(Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await Comes((Task)task, what);
        return await task;
    }

    /// <inheritdoc cref="Comes{T}(Task{T}, string)"/>
    public static async Task Comes(Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            await task.WaitAsync(Timeout, TimeProvider.System);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"did not come within {Timeout.TotalSeconds} s: {what}");
        }
    }
}
