using Hub.Http;

namespace Hub.Telemetry;

/// <summary>What load balancers and orchestrators ask.</summary>
public static class HealthApi
{
    /// <summary>How long one part may take to say that it is ready.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void Map(IEndpointRouteBuilder app)
    {
        const string why = "Orchestrators ask without credentials; the answer tells nothing about people.";
        app.MapGet("/health/live", () => Results.Text("live\n")).Public(why);
        app.MapGet("/health/ready", ReadyAsync).Public(why);
        app.MapGet("/hub/health", () => Results.StatusCode(StatusCodes.Status200OK)).Public(why);
        app.MapGet("/hub/api/health", () => Results.StatusCode(StatusCodes.Status200OK)).Public(why);
    }

    /// <summary>200 <c>ready</c>, or 503 with one line per problem.</summary>
    private static async Task<IResult> ReadyAsync(
        IEnumerable<IReadiness> parts, IHostApplicationLifetime lifetime, TimeProvider time, CancellationToken cancellationToken)
    {
        List<string> problems = [];
        if (!lifetime.ApplicationStarted.IsCancellationRequested)
            problems.Add("the hub is starting");
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            problems.Add("the hub is stopping");
        foreach (IReadiness part in parts)
        {
            try
            {
                if (await part.FindProblemAsync(cancellationToken).WaitAsync(Patience, time, cancellationToken) is { } problem)
                    problems.Add(problem);
            }
            catch (TimeoutException)
            {
                problems.Add($"{part.GetType().Name} does not answer");
            }
        }
        return problems.Count == 0
            ? Results.Text("ready\n")
            : Results.Text(string.Join('\n', problems) + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
