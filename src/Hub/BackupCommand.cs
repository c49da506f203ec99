using Hub.Backup;

namespace Hub;

/// <summary><c>hub backup</c> and <c>hub restore</c>: their words on the command line, and what they say.</summary>
internal static class BackupCommand
{
    public const string BackupVerb = "backup";
    public const string RestoreVerb = "restore";

    private const string WithoutHomes = "--no-homes";
    private const string Force = "--force";

    /// <summary>How many of the paths that were left out are named.</summary>
    private const int Named = 20;

    /// <summary>Writes an archive beside whatever the hub does; returns the exit code.</summary>
    /// <exception cref="HubSettingsException">No file is named.</exception>
    public static async Task<int> BackUpAsync(string[] arguments, CancellationToken cancellationToken)
    {
        (string file, string[] settings) = FileOf(BackupVerb, arguments);
        await using WebApplication app = HubApplication.Create([.. settings.Where(word => word != WithoutHomes)]);
        BackupResult written = await app.Services.GetRequiredService<BackupWriter>().WriteAsync(file, !settings.Contains(WithoutHomes), cancellationToken);
        await TellAsync(written);
        await Console.Out.WriteLineAsync($"{file}: {written.Rows} rows of the database, {written.Files} files. It holds keys and hashes of passwords: keep it where only you can read it.");
        return 0;
    }

    /// <summary>Puts an archive in the place of the data directory's content; returns the exit code.</summary>
    /// <exception cref="HubSettingsException">No file is named.</exception>
    public static async Task<int> RestoreAsync(string[] arguments, CancellationToken cancellationToken)
    {
        (string file, string[] settings) = FileOf(RestoreVerb, arguments);
        await using WebApplication app = HubApplication.Create([.. settings.Where(word => word != Force)]);
        BackupResult restored = await app.Services.GetRequiredService<BackupReader>().ReadAsync(file, settings.Contains(Force), cancellationToken);
        await TellAsync(restored);
        await Console.Out.WriteLineAsync($"Restored {restored.Rows} rows of the database and {restored.Files} files. Start the hub as usual.");
        return 0;
    }

    private static (string File, string[] Settings) FileOf(string verb, string[] arguments) =>
        arguments is [var file, .. string[] settings] && !file.StartsWith('-') && !file.Contains('=', StringComparison.Ordinal)
            ? (Path.GetFullPath(file), settings)
            : throw new HubSettingsException($"'{verb}' needs the archive's file first: hub {verb} FILE --data DIR. Try --help.");

    private static async Task TellAsync(BackupResult result)
    {
        foreach (string one in result.Left.Take(Named))
            await Console.Error.WriteLineAsync($"left out: {one}");
        if (result.Left.Count > Named)
            await Console.Error.WriteLineAsync($"left out: {result.Left.Count - Named} more");
    }
}
