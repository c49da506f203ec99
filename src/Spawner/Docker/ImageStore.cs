using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace Spawner.Docker;

/// <summary>
/// Makes images exist: built where the hub has a Dockerfile for the name, pulled otherwise. A name the hub builds is never pulled:
/// on a public registry it could belong to anybody. What was built carries the hash of its Dockerfile's directory as a label and is
/// built again when that changes; an image of that name without the label is somebody's own and is left alone.
/// </summary>
internal sealed partial class ImageStore(EngineCalls engine, DockerOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Label with the hash of what an image was built from.</summary>
    public const string ContextLabel = "notebook-hub.context";

    private readonly ConcurrentDictionary<string, ImageWork> _working = new();
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Hashes of contexts whose build failed while an older image was there.</summary>
    private readonly ConcurrentDictionary<string, byte> _givenUp = new();

    public Task EnsureAsync(string image, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken) =>
        WorkAsync(image, again: false, progress, cancellationToken);

    public Task RenewAsync(string image, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken) =>
        WorkAsync(image, again: true, progress, cancellationToken);

    private async Task WorkAsync(string image, bool again, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken)
    {
        // No name of an image holds a blank.
        string key = again ? image + " again" : image;
        ImageWork work = _working.GetOrAdd(key, _ => new ImageWork(listener => MakeAsync(image, again, listener, _ending.Token)));
        using IDisposable listening = work.Listen(progress);
        try
        {
            // Goes on when this caller leaves: the next one will want it too.
            await work.Run().WaitAsync(cancellationToken);
        }
        finally
        {
            if (work.Run().IsCompleted) _working.TryRemove(new KeyValuePair<string, ImageWork>(key, work));
        }
    }

    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
    }

    private async Task MakeAsync(string image, bool again, IProgress<SpawnProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            EngineAnswers.Image? present = await engine.FindImageAsync(image, cancellationToken);
            if (BuildDirectories.Find(image, options) is not { } directory)
            {
                if (present is null && image.StartsWith("sha256:", StringComparison.Ordinal)) throw Missing(image, "it is named by its id, by which nothing can be pulled, and is not on this machine", null);
                if (present is null || again) await PullAsync(image, progress, cancellationToken);
                return;
            }
            Dictionary<string, string> arguments = new() { ["BASE"] = options.BaseImage };
            BuildContext context = await BuildContext.ReadAsync(directory, arguments, options.BuildContextBytes, cancellationToken);
            if (present is not null && !again && !IsOutdated(present, context.Hash)) return;
            try
            {
                await BuildAsync(image, context, arguments, again, progress, cancellationToken);
            }
            catch (SpawnException failed) when (present is not null && !again && failed.Failure == SpawnFailure.ImageMissing)
            {
                // Better the image of yesterday than none; tried again when the hub starts anew.
                _givenUp.TryAdd(context.Hash, 0);
                LogKeepsOld(failed, image);
                return;
            }
            // The image that lost its name; kernels that run keep it, and so does who gave it another name.
            if (present?.Id is { } old && await engine.FindImageAsync(old, cancellationToken) is { RepoTags: null or { Count: 0 } }) await engine.RemoveImageAsync(old, cancellationToken);
        }
        catch (EngineException silent) when (silent.IsUnavailable)
        {
            throw StartFailure.Unavailable(silent);
        }
        catch (EngineException refused)
        {
            throw Missing(image, refused.Message, refused);
        }
        catch (IOException unreadable)
        {
            throw Missing(image, unreadable.Message, unreadable);
        }
    }

    /// <summary>An image without the label was made by somebody's own hand and is left alone.</summary>
    private bool IsOutdated(EngineAnswers.Image present, string hash) =>
        present.Config?.Labels?.GetValueOrDefault(ContextLabel) is { } builtFrom && builtFrom != hash && !_givenUp.ContainsKey(hash);

    private async Task BuildAsync(string image, BuildContext context, Dictionary<string, string> arguments, bool again, IProgress<SpawnProgress> progress, CancellationToken cancellationToken)
    {
        progress.Report(new SpawnProgress(0, "Building the kernel's image; this is needed once and takes a few minutes"));
        if (await engine.FindImageAsync(options.BaseImage, cancellationToken) is null)
        {
            try
            {
                await PullAsync(options.BaseImage, progress, cancellationToken);
            }
            catch (SpawnException noBase) when (noBase.Failure == SpawnFailure.ImageMissing)
            {
                throw Missing(image, $"its base image {options.BaseImage} is not there and cannot be pulled ({noBase.Message}); \"tools/docker-engine.sh base\" makes it from Debian packages", noBase);
            }
        }
        LogBuilding(image);
        string labels = JsonSerializer.Serialize(new Dictionary<string, string> { [ContextLabel] = context.Hash });
        string query = $"t={Uri.EscapeDataString(image)}&networkmode={Uri.EscapeDataString(options.BuildNetwork)}&rm=1&forcerm=1{(again ? "&nocache=1" : "")}" +
            $"&buildargs={Uri.EscapeDataString(JsonSerializer.Serialize(arguments))}&labels={Uri.EscapeDataString(labels)}";
        BuildOutputState output = await FollowAsync($"/build?{query}", () => new ByteArrayContent(context.Tar) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } },
            image, options.BuildTimeoutSeconds, "Docker:BuildTimeoutSeconds", progress, cancellationToken);
        if (await engine.FindImageAsync(image, cancellationToken) is null) throw Missing(image, $"the build ended without an image; its last lines: {string.Join(" | ", output.Last)}", null);
        LogBuilt(image);
    }

    private async Task PullAsync(string image, IProgress<SpawnProgress> progress, CancellationToken cancellationToken)
    {
        progress.Report(new SpawnProgress(0, "Downloading the kernel's image; this is needed once"));
        LogPulling(image);
        // Without a tag the engine would pull every tag of the repository.
        bool tagged = image.Contains('@', StringComparison.Ordinal) || image.LastIndexOf(':') > image.LastIndexOf('/');
        await FollowAsync($"/images/create?fromImage={Uri.EscapeDataString(tagged ? image : image + ":latest")}", () => null, image, options.PullTimeoutSeconds, "Docker:PullTimeoutSeconds", progress, cancellationToken);
        if (await engine.FindImageAsync(image, cancellationToken) is null) throw Missing(image, "the engine pulled it and does not have it", null);
    }

    /// <summary>Reads the stream of JSON a build or pull answers with, to its end.</summary>
    private async Task<BuildOutputState> FollowAsync(string path, Func<HttpContent?> body, string image, int seconds, string option, IProgress<SpawnProgress> progress, CancellationToken cancellationToken)
    {
        TimeSpan timeout = TimeSpan.FromSeconds(seconds);
        using CancellationTokenSource limit = new(timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        BuildOutputState output = new();
        Dictionary<string, (long Current, long Total)> layers = [];
        try
        {
            using HttpResponseMessage answer = await engine.Client.OpenAsync(HttpMethod.Post, path, body, timeout, either.Token);
            await using Stream stream = await answer.Content.ReadAsStreamAsync(either.Token);
            await foreach (JsonObject? line in JsonSerializer.DeserializeAsyncEnumerable<JsonObject>(stream, topLevelValues: true, cancellationToken: either.Token))
            {
                if (line is null) continue;
                if (TextOf(line, "error") is { } error) throw Missing(image, $"{error}; the last lines: {string.Join(" | ", output.Last)}", null);
                BuildOutputState before = output;
                foreach (string said in (TextOf(line, "stream") ?? "").Split('\n')) output = output.Apply(said);
                if (TextOf(line, "id") is { } layer && line["progressDetail"] is JsonObject detail && detail["total"] is JsonValue total && detail["current"] is JsonValue current
                    && TextOf(line, "status") == "Downloading" && total.TryGetValue(out long all) && current.TryGetValue(out long now))
                {
                    layers[layer] = (now, all);
                    output = output.Pulled(layers.Values.Sum(one => one.Current), layers.Values.Sum(one => one.Total));
                }
                if (output.Percent != before.Percent || output.Sentence != before.Sentence) progress.Report(new SpawnProgress(output.Percent, output.Sentence));
            }
            return output;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Missing(image, $"it took longer than {seconds} s ({option})", null);
        }
        catch (Exception e) when (EngineClient.IsBroken(e))
        {
            throw new EngineException(0, $"the engine broke off: {e.Message}", e);
        }
    }

    private static SpawnException Missing(string image, string why, Exception? inner) => new(
        SpawnFailure.ImageMissing,
        $"The image \"{image}\" of this kernel is not there and could not be prepared. Choose another kernel or tell the administrator of this hub.",
        $"Image {image} could not be had: {why}.",
        inner);

    private static string? TextOf(JsonObject said, string name) => said[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    [LoggerMessage(2020, LogLevel.Information, "Building the image {Image}")]
    private partial void LogBuilding(string image);

    [LoggerMessage(2021, LogLevel.Information, "Built the image {Image}")]
    private partial void LogBuilt(string image);

    [LoggerMessage(2022, LogLevel.Information, "Pulling the image {Image}")]
    private partial void LogPulling(string image);

    [LoggerMessage(2023, LogLevel.Warning, "The changed image {Image} could not be built; kernels go on with the one that is there")]
    private partial void LogKeepsOld(Exception exception, string image);
}
