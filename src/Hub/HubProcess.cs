using System.ComponentModel.DataAnnotations;
using Hub.Http;
using Hub.Journal.Recording;
using Hub.Kernels;
using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub;

/// <summary>Runs the hub as a process: whatever stops the start is said in one line on stderr, without a stack trace.</summary>
public static class HubProcess
{
    /// <summary>Returns the exit code: 0 after an orderly end, 1 when the hub could not start, 2 for wrong arguments or settings.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (CommandLine.AsksForHelp(arguments))
        {
            await Console.Out.WriteLineAsync(CommandLine.Help);
            return 0;
        }
        try
        {
            if (arguments is ["images", .. string[] settings])
                return await PrepareImagesAsync(settings);
            if (arguments is ["stop-all" or "stop-kernels", .. string[] whose])
                return await StopAllAsync(whose);
            if (arguments is [BackupCommand.BackupVerb, .. string[] source])
                return await BackupCommand.BackUpAsync(source, CancellationToken.None);
            if (arguments is [BackupCommand.RestoreVerb, .. string[] target])
                return await BackupCommand.RestoreAsync(target, CancellationToken.None);
            if (arguments is [AuditCommand.Verb, .. string[] words])
                return await AuditCommand.RunAsync(words, Console.Out, CancellationToken.None);
            if (arguments is [RecorderProcess.Verb, .. string[] wishes])
                return await RecordAsync(wishes);
            await using WebApplication app = HubApplication.Create(arguments);
            if (app.Services.GetRequiredService<IOptions<HubOptions>>().Value.Replace)
                await app.Services.GetRequiredService<HubReplacement>().TakeOverAsync(CancellationToken.None);
            app.Services.GetRequiredService<KernelsLeft>().TellAtEnd();
            await app.StartAsync();
            app.Services.GetRequiredService<ListeningSockets>().CloseUnused();
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception failure) when (Explain(failure) is { } explanation)
        {
            await Console.Error.WriteLineAsync($"hub: {explanation.Line}");
            return explanation.ExitCode;
        }
    }

    /// <summary><c>hub images</c>: makes the images of all kernelspecs exist and ends, so that a later start finds them.</summary>
    private static async Task<int> PrepareImagesAsync(string[] arguments)
    {
        await using WebApplication app = HubApplication.Create(arguments);
        return await app.Services.GetRequiredService<ImagePreparation>().PrepareAsync(CancellationToken.None) ? 0 : 1;
    }

    /// <summary><c>hub stop-all</c>, which was <c>stop-kernels</c> once: ends every kernel of the data directory.</summary>
    private static async Task<int> StopAllAsync(string[] arguments)
    {
        await using WebApplication app = HubApplication.Create(arguments);
        int stopped = await app.Services.GetRequiredService<KernelsLeft>().StopAllAsync(CancellationToken.None);
        await Console.Out.WriteLineAsync(stopped == 1 ? "One kernel was ended." : $"{stopped} kernels were ended.");
        return 0;
    }

    /// <summary><c>hub recorder</c>: hears kernels while no hub does; the hub starts it.</summary>
    private static async Task<int> RecordAsync(string[] arguments)
    {
        ConfigurationManager settings = HubSettings.CreateBuilder(arguments).Configuration;
        HubOptions hub = settings.GetSection(HubOptions.Section).Get<HubOptions>() ?? new HubOptions();
        RecorderOptions options = settings.GetSection(RecorderOptions.Section).Get<RecorderOptions>() ?? new RecorderOptions();
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        return await RecorderProcess.RunAsync(new DataLayout(Path.GetFullPath(hub.Data)), options);
    }

    /// <summary>One line for failures an operator can mend; null for those only a developer can, which keep their stack trace.</summary>
    internal static (string Line, int ExitCode)? Explain(Exception failure) => failure switch
    {
        HubSettingsException wrong => (wrong.Message, 2),
        OptionsValidationException wrong => (HubSettings.Explain(wrong), 2),
        ValidationException wrong => (wrong.Message, 2),
        AggregateException many when many.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            (string.Join(" ", many.InnerExceptions.Cast<OptionsValidationException>().Select(HubSettings.Explain)), 2),
        InvalidOperationException { Message: var message } when message.StartsWith("Failed to convert configuration value", StringComparison.Ordinal) =>
            (message, 2),
        StorageException unusable => (unusable.Message, 1),
        IOException io => (io.Message, 1),
        UnauthorizedAccessException denied => (denied.Message, 1),
        _ => DatabaseFailure.Explain(failure) is { } line ? (line, 1) : null,
    };
}
