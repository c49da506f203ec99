using System.Text.RegularExpressions;
using Hub.Events;
using Hub.Events.Audit;
using Hub.Tests.Architecture;
using Xunit;

namespace Hub.Tests.Events.Audit;

/// <summary>What the audit keeps is told in the way that waits for it: <see cref="EventStream.Publish"/> would lose the oldest of a burst.</summary>
public sealed partial class AuditToldTests
{
    [Fact]
    public void Nothing_the_audit_keeps_is_told_without_waiting_for_it()
    {
        string[] told =
        [
            .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "Hub"), "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && Path.GetFileName(file) != "EventStream.cs")
                .SelectMany(file => Hurried().Matches(File.ReadAllText(file)).Select(match => match.Groups["what"].Value)),
        ];
        // The progress of a start, which is reported from where nothing can be awaited; and files that changed, which pages look at again if they miss it.
        Assert.Equal([nameof(HubEvent.ContentsChanged), nameof(HubEvent.KernelStarting)], told.Order(StringComparer.Ordinal));
        Assert.Null(AuditEntry.Of(new HubEvent.KernelStarting(DateTimeOffset.UnixEpoch, "ada", "k", "python3", "", 50, "")));
    }

    [GeneratedRegex(@"[eE]vents\.Publish\(\s*(new HubEvent\.)?(?<what>\w+)")]
    private static partial Regex Hurried();
}
