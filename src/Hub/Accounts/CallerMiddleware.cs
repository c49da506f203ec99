namespace Hub.Accounts;

/// <summary>Finds out who is asking, once per request, and keeps it where the endpoints find it.</summary>
public static class CallerMiddleware
{
    private static readonly object Key = new();

    /// <summary>The signed-in caller.</summary>
    /// <exception cref="InvalidOperationException">The endpoint is public and nobody is signed in.</exception>
    public static Caller GetCaller(this HttpContext context) =>
        context.FindCaller() ?? throw new InvalidOperationException("Nobody is signed in: a public endpoint asked for its caller.");

    /// <summary>The signed-in caller, or null on public endpoints.</summary>
    public static Caller? FindCaller(this HttpContext context) => context.Items[Key] as Caller;

    internal static void SetCaller(this HttpContext context, Caller caller) => context.Items[Key] = caller;
}
