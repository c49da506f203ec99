using System.Text.Json.Nodes;
using Wire.Yjs;

namespace Wire.Tests.Yjs;

/// <summary>Changes at random that fit a document, as a description that either implementation can carry out.</summary>
internal sealed class RandomEdits(Random random, bool withFormats)
{
    private static readonly string[] s_words = ["a", "b", "cd", "\n", "öäü", "日本", "😀", "long enough to be taken apart", "x"];
    private static readonly string[] s_keys = ["source", "outputs", "id", "k"];

    public JsonObject Next(YDoc document)
    {
        (JsonArray path, YType type) = Choose(document);
        return type switch
        {
            YText text => Text(path, text),
            YArray array => List(path, array),
            _ => Map(path, (YMap)type),
        };
    }

    public static void Apply(YDoc document, JsonObject change)
    {
        YType type = Find(document, (JsonArray)change["at"]!);
        int index = change["index"] is { } place ? (int)place : 0;
        switch ((string)change["op"]!)
        {
            case "insert":
                ((YText)type).Insert(index, (string)change["text"]!, Attributes(change["attributes"]));
                break;
            case "embed":
                ((YText)type).InsertEmbed(index, Plain(change["embed"]));
                break;
            case "delete" when type is YText text:
                text.Remove(index, (int)change["length"]!);
                break;
            case "delete":
                ((YArray)type).RemoveAt(index, (int)change["length"]!);
                break;
            case "format":
                ((YText)type).Format(index, (int)change["length"]!, Attributes(change["attributes"])!);
                break;
            case "put":
                ((YArray)type).Insert(index, [.. ((JsonArray)change["values"]!).Select(Plain)]);
                break;
            case "nest":
                _ = (string)change["kind"]! switch
                {
                    "text" => (YType)((YArray)type).InsertText(index),
                    "map" => ((YArray)type).InsertMap(index),
                    _ => ((YArray)type).InsertArray(index),
                };
                break;
            case "set":
                ((YMap)type).Set((string)change["key"]!, Plain(((JsonArray)change["values"]!)[0]));
                break;
            case "setNest":
                string key = (string)change["key"]!;
                _ = (string)change["kind"]! switch
                {
                    "text" => (YType)((YMap)type).SetText(key),
                    "map" => ((YMap)type).SetMap(key),
                    _ => ((YMap)type).SetArray(key),
                };
                break;
            case "remove":
                ((YMap)type).Remove((string)change["key"]!);
                break;
        }
    }

    private static YType Find(YDoc document, JsonArray path)
    {
        string name = (string)path[0]!;
        YType type = (string)path[1]! switch
        {
            "text" => document.GetText(name),
            "map" => document.GetMap(name),
            _ => document.GetArray(name),
        };
        foreach (JsonNode? step in path.Skip(2))
            type = (YType)(type is YMap map ? map[(string)step!] : ((YArray)type)[(int)step!])!;
        return type;
    }

    private static object? Plain(JsonNode? node) => node switch
    {
        JsonObject fields when fields.ContainsKey("bytes") => Convert.FromBase64String((string)fields["bytes"]!),
        JsonObject fields => new OrderedDictionary<string, object?>(fields.Select(pair => KeyValuePair.Create(pair.Key, Plain(pair.Value)))),
        JsonArray array => array.Select(Plain).ToList(),
        null => null,
        _ => node.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.String => (string)node!,
            System.Text.Json.JsonValueKind.Number => (double)node,
            System.Text.Json.JsonValueKind.True => true,
            _ => false,
        },
    };

    private static Dictionary<string, object?>? Attributes(JsonNode? node) => ((JsonObject?)node)?.ToDictionary(pair => pair.Key, pair => Plain(pair.Value));

    private (JsonArray Path, YType Type) Choose(YDoc document)
    {
        (JsonArray path, YType type) = random.Next(5) switch
        {
            0 or 1 => (new JsonArray("text", "text"), document.GetText("text")),
            2 or 3 => (new JsonArray("list", "array"), (YType)document.GetArray("list")),
            _ => (new JsonArray("fields", "map"), document.GetMap("fields")),
        };
        while (random.Next(4) > 0)
        {
            List<(JsonNode Step, YType Type)> below = type switch
            {
                YMap map => [.. map.Keys.Where(key => map[key] is YType).Select(key => ((JsonNode)key, (YType)map[key]!))],
                YArray array => [.. array.Values().Select((value, index) => (Step: (JsonNode)index, Type: value as YType)).Where(one => one.Type is not null).Select(one => (one.Step, one.Type!))],
                _ => [],
            };
            if (below.Count == 0)
                break;
            (JsonNode step, type) = below[random.Next(below.Count)];
            path.Add(step);
        }

        return (path, type);
    }

    private JsonObject Text(JsonArray path, YText text)
    {
        // Nobody's editor goes between the halves of a pair; and yjs' own replicas do not agree where it happens.
        string units = string.Concat(text.ToParts().Select(part => part.Insert as string ?? "\u0001"));
        int index = Whole(units, random.Next(units.Length + 1));
        int length = Whole(units, Math.Min(units.Length, index + random.Next(1, 8))) - index;
        switch (random.Next(withFormats ? 10 : 6))
        {
            case 0 or 1 when length > 0:
                return new() { ["at"] = path, ["op"] = "delete", ["index"] = index, ["length"] = length };
            case 6 or 7 when length > 0:
                return new() { ["at"] = path, ["op"] = "format", ["index"] = index, ["length"] = length, ["attributes"] = Format() };
            case 8:
                return new() { ["at"] = path, ["op"] = "embed", ["index"] = index, ["embed"] = new JsonObject { ["image"] = (double)random.Next(9) } };
            case 9:
                return new() { ["at"] = path, ["op"] = "insert", ["index"] = index, ["text"] = Word(), ["attributes"] = Format() };
            default:
                return new() { ["at"] = path, ["op"] = "insert", ["index"] = index, ["text"] = Word() };
        }
    }

    private static int Whole(string units, int index) => index > 0 && index < units.Length && char.IsLowSurrogate(units[index]) ? index + 1 : index;

    private JsonObject List(JsonArray path, YArray list)
    {
        int index = random.Next(list.Count + 1);
        int length = Math.Min(list.Count - index, random.Next(1, 4));
        return random.Next(6) switch
        {
            0 or 1 when length > 0 => new() { ["at"] = path, ["op"] = "delete", ["index"] = index, ["length"] = length },
            2 when path.Count < 6 => new() { ["at"] = path, ["op"] = "nest", ["index"] = index, ["kind"] = Kind() },
            _ => new() { ["at"] = path, ["op"] = "put", ["index"] = index, ["values"] = new JsonArray([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Value())]) },
        };
    }

    private JsonObject Map(JsonArray path, YMap map)
    {
        string key = s_keys[random.Next(s_keys.Length)];
        return random.Next(5) switch
        {
            0 when map[key] is not null => new() { ["at"] = path, ["op"] = "remove", ["key"] = key },
            1 when path.Count < 6 => new() { ["at"] = path, ["op"] = "setNest", ["key"] = key, ["kind"] = Kind() },
            _ => new() { ["at"] = path, ["op"] = "set", ["key"] = key, ["values"] = new JsonArray(Value()) },
        };
    }

    private string Word() => s_words[random.Next(s_words.Length)];

    private string Kind() => random.Next(3) switch { 0 => "text", 1 => "map", _ => "array" };

    private JsonObject Format() => random.Next(4) switch
    {
        0 => new() { ["bold"] = null },
        1 => new() { ["italic"] = true },
        2 => new() { ["link"] = Word() },
        _ => new() { ["bold"] = true },
    };

    private JsonNode? Value() => random.Next(8) switch
    {
        0 => null,
        1 => (double)random.Next(-70, 70),
        2 => random.NextDouble() * 1e9,
        3 => Word(),
        4 => new JsonObject { ["deep"] = new JsonArray(1.5, Word(), true) },
        5 => new JsonObject { ["bytes"] = "AAEC" },
        6 => (double)int.MaxValue * 4,
        _ => random.Next(2) == 0,
    };
}
