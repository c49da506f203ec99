namespace Hub.Http;

/// <summary>The two JSON error shapes of the APIs we speak.</summary>
public static class ApiError
{
    /// <summary>Jupyter Server's shape, for everything under <c>/user/{name}/</c>: <c>{"message", "reason"}</c>.</summary>
    public static IResult Server(int status, string message, string? reason = null) =>
        Results.Json(new ServerShape(message, reason), statusCode: status);

    /// <summary>JupyterHub's shape, for everything under <c>/hub/api/</c>: <c>{"status", "message"}</c>.</summary>
    public static IResult Hub(int status, string message) =>
        Results.Json(new HubShape(status, message), statusCode: status);

    private sealed record ServerShape(string Message, string? Reason);

    private sealed record HubShape(int Status, string Message);
}
