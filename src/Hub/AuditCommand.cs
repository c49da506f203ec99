using System.Globalization;
using Hub.Events.Audit;

namespace Hub;

/// <summary><c>hub audit verify</c>: is the chain whole?</summary>
internal static class AuditCommand
{
    public const string Verb = "audit";

    /// <summary>0 when the chain is whole and holds the record that is expected of it; 1 when not.</summary>
    /// <exception cref="HubSettingsException">The words after <c>audit</c> are not understood.</exception>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, CancellationToken cancellationToken)
    {
        if (arguments is not ["verify", .. string[] rest])
            throw new HubSettingsException("'audit' knows one word: hub audit verify [NUMBER:HASH] --data DIR. Try --help.");
        (long Number, string Hash)? expected = rest is [var first, ..] ? Expected(first) : null;
        await using WebApplication app = HubApplication.Create(expected is null ? rest : rest[1..]);
        AuditStore store = app.Services.GetRequiredService<AuditStore>();
        AuditVerdict verdict = await store.VerifyAsync(cancellationToken);
        string? problem = verdict.Problem;
        if (problem is null && expected is var (number, hash))
        {
            AuditRecord? there = (await store.ListAsync(new AuditQuery { After = number - 1, Limit = 1 }, cancellationToken)).SingleOrDefault();
            if (number <= verdict.CutThrough)
                problem = $"record {number} was removed after Audit:KeepDays, so its hash cannot be compared";
            else if (there?.Number != number)
                problem = $"record {number} is missing: the end was cut off";
            else if (there.Hash != hash)
                problem = $"record {number} has another hash: the chain was written anew";
        }
        await output.WriteLineAsync(problem is null
            ? $"The audit is whole: {verdict.Records} records{(verdict.Last is { } last ? $", the last is {last.Number}:{last.Hash}" : "")}{(verdict.CutThrough > 0 ? $"; those up to {verdict.CutThrough} were removed after Audit:KeepDays" : "")}"
            : $"The audit is broken: {problem}. Whole up to there: {verdict.Records} records.");
        return problem is null ? 0 : 1;
    }

    private static (long, string)? Expected(string word) =>
        word.Split(':') is [var number, { Length: 64 } hash] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long known) ? (known, hash) : null;
}
