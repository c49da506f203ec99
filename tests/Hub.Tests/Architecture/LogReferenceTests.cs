using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Hub.Tests.Architecture;

/// <summary>Log messages have unique ids, one range per room, and a page that lists them.</summary>
public sealed class LogReferenceTests
{
    private const string Head = """
        # Log messages

        Made from the program by the tests; do not edit. A warning or an error wants somebody to look: the guide for what to do is
        [operations](../guides/operations.md).

        | id | level | message | said by |
        |---|---|---|---|

        """;

    // The first id of each room; a room has a hundred.
    private static readonly Dictionary<string, int> s_ranges =
        Rooms.ByLogRange.Select((room, index) => (room, first: (index + 1) * 100)).ToDictionary(pair => pair.room, pair => pair.first);

    [Fact]
    public void The_reference_of_log_messages_is_current()
    {
        StringBuilder page = new(Head);
        foreach ((MethodInfo method, LoggerMessageAttribute message) in Messages().OrderBy(pair => pair.Message.EventId))
            page.Append(CultureInfo.InvariantCulture, $"| {message.EventId} | {message.Level} | {GeneratedPage.Cell(message.Message)} | {method.DeclaringType!.FullName} |\n");
        GeneratedPage.IsCurrent("log-messages.md", page.ToString());
    }

    [Fact]
    public void No_two_messages_share_an_id() =>
        Assert.Empty(Messages().GroupBy(pair => pair.Message.EventId).Where(group => group.Count() > 1).Select(group => $"{group.Key}: {string.Join(", ", group.Select(pair => pair.Message.Message))}"));

    [Fact]
    public void The_id_of_a_message_is_in_the_range_of_its_room() =>
        Assert.Empty(
            from pair in Messages()
            let room = Rooms.Of(UsedTypes.Outermost(pair.Method.DeclaringType!))
            let first = room is null ? (pair.Method.DeclaringType!.Assembly == typeof(HubApplication).Assembly ? 1 : 2000) : s_ranges[room]
            where pair.Message.EventId < first || pair.Message.EventId >= first + 100
            select $"{pair.Message.EventId} {pair.Method.DeclaringType!.FullName}: {first} to {first + 99}");

    private static IEnumerable<(MethodInfo Method, LoggerMessageAttribute Message)> Messages() =>
        from assembly in new[] { typeof(HubApplication).Assembly, typeof(global::Spawner.ISpawner).Assembly }
        from type in assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static)
        let message = method.GetCustomAttribute<LoggerMessageAttribute>()
        where message is not null
        select (method, message);
}
