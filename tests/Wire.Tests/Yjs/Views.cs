using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Wire.Yjs;

namespace Wire.Tests.Yjs;

/// <summary>What a document says, in a form in which two can be compared.</summary>
internal static class Views
{
    public static readonly JsonArray Roots = [new JsonArray("text", "text"), new JsonArray("list", "array"), new JsonArray("fields", "map")];

    public static string Of(YDoc document) => $"[{Of(document.GetText("text"))},{Of(document.GetArray("list"))},{Of(document.GetMap("fields"))}]";

    /// <summary>Of another implementation, brought into the same form.</summary>
    public static string Of(JsonNode? node)
    {
        switch (node)
        {
            case null:
                return "null";
            case JsonArray array:
                return $"[{string.Join(",", array.Select(Of))}]";
            case JsonObject fields:
                return $"{{{string.Join(",", fields.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{Text(pair.Key)}:{Of(pair.Value)}"))}}}";
            default:
                return node.GetValueKind() switch
                {
                    System.Text.Json.JsonValueKind.String => Text((string)node!),
                    System.Text.Json.JsonValueKind.Number => Number((double)node),
                    _ => node.ToJsonString(),
                };
        }
    }

    private static string Of(object? value) => value switch
    {
        YText text => $"[{string.Join(",", text.ToParts().Select(Part))}]",
        YArray array => $"[{string.Join(",", array.Values().Select(Of))}]",
        YMap map => Fields(map.Keys.Select(key => KeyValuePair.Create(key, map[key]))),
        byte[] bytes => $"{{\"bytes\":{Text(Convert.ToBase64String(bytes))}}}",
        string text => Text(text),
        double number => Number(number),
        bool truth => truth ? "true" : "false",
        List<object?> list => $"[{string.Join(",", list.Select(Of))}]",
        OrderedDictionary<string, object?> fields => Fields(fields),
        null or YUndefined => "null",
        _ => throw new InvalidOperationException($"{value.GetType()}"),
    };

    private static string Part(YTextPart part) => $"{{\"attributes\":{Fields(part.Attributes)},\"insert\":{Of(part.Insert)}}}";

    private static string Fields(IEnumerable<KeyValuePair<string, object?>> fields) =>
        $"{{{string.Join(",", fields.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{Text(pair.Key)}:{Of(pair.Value)}"))}}}";

    private static string Number(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>With every half of a pair to be seen.</summary>
    private static string Text(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char unit in text)
            quoted.Append(unit is >= ' ' and < '\u007f' and not '"' and not '\\' ? unit : $"\\u{(int)unit:x4}");
        return quoted.Append('"').ToString();
    }
}
