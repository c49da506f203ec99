using System.Diagnostics;

namespace Testing;

/// <summary>
/// A PostgreSQL server from the distribution's package, in a temporary directory, on a Unix socket there and on no port. It runs as an unprivileged user and ends
/// with the process that started it, however that ends: a shell beside it waits for its standard input to close.
/// </summary>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly Lock s_gate = new();
    private static Task<PostgreSqlServer>? s_shared;

    private readonly string _directory;
    private readonly string _programs;
    private Process? _guard;

    private PostgreSqlServer(string directory, string programs) => (_directory, _programs) = (directory, programs);

    /// <summary>One server for all tests of this process; ends with it.</summary>
    public static Task<PostgreSqlServer> Shared
    {
        get
        {
            lock (s_gate)
                return s_shared ??= StartNewAsync();
        }
    }

    /// <summary>Tests run on PostgreSQL where they do not care: <c>HUB_TEST_DATABASE=postgresql</c>.</summary>
    public static bool IsWanted { get; } = Environment.GetEnvironmentVariable("HUB_TEST_DATABASE") == "postgresql";

    /// <summary>For a schema of its own; <see cref="CreateSchemaAsync"/> makes it.</summary>
    public string ConnectionString(string schema) => $"Host={_directory};Database=postgres;Username=hub;Password=not-a-secret-but-shaped-like-one;Search Path={schema}";

    /// <exception cref="InvalidOperationException">The package is not installed, or the server does not start; its log is in the message.</exception>
    public static async Task<PostgreSqlServer> StartNewAsync()
    {
        string programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).LastOrDefault(bin => File.Exists(Path.Combine(bin, "initdb"))) ?? ""
            : "";
        if (programs.Length == 0)
            throw new InvalidOperationException("These tests need a PostgreSQL server: apt-get install postgresql (./test does it).");
        string directory = Directory.CreateTempSubdirectory("hub-pg-").FullName;
        PostgreSqlServer server = new(directory, programs);
        await server.RunAsync($"{(IsRoot ? $"chown postgres {directory} && " : "")}{AsOther}{programs}/initdb -D {directory}/data -U hub -A trust -E UTF8 --locale=C.UTF-8 --no-sync");
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts the server again on what is there.</summary>
    public async Task StartAsync()
    {
        string server = $"{_programs}/postgres -D {_directory}/data -k {_directory} -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=300 -c shared_buffers=64MB -c autovacuum=off";
        _guard = Start($"{AsOther}sh -c '{server} >{_directory}/log 2>&1 </dev/null & pid=$!; cat >/dev/null; kill -INT $pid; wait $pid; [ -e {_directory}/keep ] || rm -rf {_directory}'");
        await RunAsync($"until {_programs}/pg_isready -q -h {_directory}; do kill -0 {_guard.Id} && sleep 0.05 || {{ cat {_directory}/log >&2; exit 1; }}; done");
    }

    /// <summary>Ends the server at once: open connections break.</summary>
    public async Task StopAsync()
    {
        if (_guard is null)
            return;
        await RunAsync($"touch {_directory}/keep");
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync();
        _guard.Dispose();
        _guard = null;
    }

    /// <summary>Makes the server stand still, or go on: it takes connections and answers nothing, as one behind a network that swallows everything.</summary>
    public Task FreezeAsync(bool frozen) =>
        RunAsync($"master=$(head -1 {_directory}/data/postmaster.pid); kill -{(frozen ? "STOP" : "CONT")} $master $(pgrep -P $master)");

    public Task CreateSchemaAsync(string schema) => SqlAsync($"CREATE SCHEMA IF NOT EXISTS \"{schema}\"");

    public Task DropSchemaAsync(string schema) => SqlAsync($"DROP SCHEMA IF EXISTS \"{schema}\" CASCADE");

    /// <summary>What <c>psql</c> prints for <paramref name="sql"/>, rows on lines, bare.</summary>
    public Task<string> SqlAsync(string sql) => RunAsync($"PGOPTIONS='-c client_min_messages=error' {_programs}/psql -h {_directory} -U hub -d postgres -qtAX -v ON_ERROR_STOP=1", sql);

    /// <summary>What a dump of <paramref name="schema"/> holds.</summary>
    public Task<string> DumpAsync(string schema) => RunAsync($"{_programs}/pg_dump -h {_directory} -U hub -d postgres -n '{schema}'");

    /// <summary>A dump of <paramref name="schema"/> in statements any client can send, without commands to <c>psql</c>.</summary>
    public Task<string> ScriptAsync(string schema) => RunAsync($"{_programs}/pg_dump -h {_directory} -U hub -d postgres -n '{schema}' --inserts --no-comments | grep -v -e '^--' -e '^\\\\' -e '^$'");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>PostgreSQL refuses to run as root; its package brings a user of its own.</summary>
    private static string AsOther => IsRoot ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "";

    private static Process Start(string command) => Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "cd /tmp; exec " + command])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private async Task<string> RunAsync(string command, string input = "")
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "cd /tmp; " + command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(s_patience);
        return process.ExitCode == 0 ? (await output).Trim() : throw new InvalidOperationException($"PostgreSQL: {command} ended with {process.ExitCode}: {await errors} (in {_directory})");
    }
}
