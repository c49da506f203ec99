using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Benchmarks.Classes;

/// <summary>
/// A whole class joins by code within some seconds, each person as a browser without an account: the page, the form, and the redirect into JupyterLab.
/// </summary>
internal static class ClassesBenchmark
{
    /// <summary><c>[people] [seconds] [files] [Section:Key=value of the hub …]</c>: 300 people within 10 seconds and 5 files of materials unless said otherwise.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        int[] numbers = [.. arguments.TakeWhile(argument => argument.All(char.IsAsciiDigit)).Select(argument => int.Parse(argument, CultureInfo.InvariantCulture))];
        int people = numbers.ElementAtOrDefault(0) is > 0 and var wanted ? wanted : 300;
        double seconds = numbers.ElementAtOrDefault(1) is > 0 and var within ? within : 10;
        int files = numbers.Length > 2 ? numbers[2] : 5;
        await using Bridge.Bridge hub = await Bridge.Bridge.StartHubAsync(arguments[numbers.Length..]);
        string code = await CreateClassAsync(hub, people, files);
        await JoinAsync(hub, code, "First"); // what is compiled at first use is not the class' fault
        double cpu = hub.CpuSeconds;
        long start = Stopwatch.GetTimestamp();
        (bool Joined, double Seconds)[] results = await Task.WhenAll(Enumerable.Range(0, people).Select(async i =>
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds * i / people), TimeProvider.System);
            return await JoinAsync(hub, code, $"Person {i}");
        }));
        double all = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double[] waits = [.. results.Select(result => result.Seconds).Order()];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            people            {people}, arriving within {seconds} s, {files} files of materials each
            joined            {results.Count(result => result.Joined)}
            failed            {results.Count(result => !result.Joined)}
            last one in after {all:F1} s
            wait of one       {waits[waits.Length / 2] * 1000:F0} ms in the middle, {waits[(int)(waits.Length * 0.99)] * 1000:F0} ms for 99 %, {waits[^1] * 1000:F0} ms at most
            CPU of the hub    {(hub.CpuSeconds - cpu) * 1000 / people:F1} ms per person
            """));
    }

    private static async Task<string> CreateClassAsync(Bridge.Bridge hub, int people, int files)
    {
        string contents = $"{hub.Path}/api/contents/lessons";
        (await hub.Client.PutAsJsonAsync(contents, new { type = "directory" })).EnsureSuccessStatusCode();
        for (int i = 0; i < files; i++)
            (await hub.Client.PutAsJsonAsync($"{contents}/{i}.txt", new { type = "file", format = "text", content = new string('x', 20_000) })).EnsureSuccessStatusCode();
        using HttpResponseMessage made = await hub.Client.PostAsJsonAsync(
            "/hub/api/classes", new { name = "Load", capacity = people + 1, limits = new { max_kernels = 2 }, materials = new { path = "lessons" } });
        made.EnsureSuccessStatusCode();
        return (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetProperty("code").GetString()!;
    }

    private static async Task<(bool Joined, double Seconds)> JoinAsync(Bridge.Bridge hub, string code, string name)
    {
        CookieContainer cookies = new();
        using HttpClient browser = new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies })
        {
            BaseAddress = hub.Client.BaseAddress,
            Timeout = TimeSpan.FromSeconds(60),
        };
        long start = Stopwatch.GetTimestamp();
        try
        {
            using HttpResponseMessage page = await browser.GetAsync("/hub/join/" + code);
            string xsrf = cookies.GetCookies(hub.Client.BaseAddress!)["_xsrf"]?.Value ?? "";
            using HttpResponseMessage joined = await browser.PostAsync(
                "/hub/join", new FormUrlEncodedContent(new Dictionary<string, string> { ["code"] = code, ["name"] = name, ["_xsrf"] = xsrf }));
            bool into = joined.StatusCode == HttpStatusCode.SeeOther && joined.Headers.Location?.OriginalString.Contains("/lab", StringComparison.Ordinal) == true;
            return (into, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            return (false, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }
}
