using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wire.Tests.Yjs;

/// <summary>Documents of npm's yjs in a Node process of our own, which does what it is told, one thing after the other.</summary>
public sealed class NodeReplicas : IDisposable
{
    private static readonly Lock s_installing = new();

    private readonly Process _process;

    public NodeReplicas()
    {
        string folder = Path.Combine(Root(), "tests", "Wire.Tests", "Yjs", "npm");
        lock (s_installing)
            Install(folder);
        _process = Process.Start(new ProcessStartInfo("node", [Path.Combine(folder, "replicas.mjs")]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    public JsonNode? Ask(string command, JsonObject? rest = null)
    {
        JsonObject line = rest ?? [];
        line["command"] = command;
        _process.StandardInput.WriteLine(line.ToJsonString());
        _process.StandardInput.Flush();
        string answer = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("Node ended.");
        JsonNode parsed = JsonNode.Parse(answer, documentOptions: new JsonDocumentOptions { MaxDepth = 1000 })!;
        return parsed["error"] is { } error ? throw new InvalidOperationException($"{command}: {error}") : parsed["result"];
    }

    public byte[] AskBytes(string command, JsonObject? rest = null) => Convert.FromBase64String((string)Ask(command, rest)!);

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Hub.sln")))
                return folder.FullName;
        throw new InvalidOperationException("Hub.sln is in no folder above the tests.");
    }

    private static void Install(string folder)
    {
        FileInfo installed = new(Path.Combine(folder, "node_modules", ".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
            return;
        using Process npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--silent"]) { WorkingDirectory = folder })!;
        npm.WaitForExit();
        if (npm.ExitCode != 0)
            throw new InvalidOperationException($"npm ci ended with {npm.ExitCode}.");
    }
}
