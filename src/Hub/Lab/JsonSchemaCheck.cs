// Longer than most files: the keywords of one specification, each a few lines, read best beside each other.
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using static System.FormattableString;

namespace Hub.Lab;

/// <summary>
/// Checks a value against a JSON schema of draft 7 (https://json-schema.org/draft-07), the one JupyterLab's settings are described in. Names the first
/// problem and where it is. What draft 7 leaves to the checker (<c>format</c>, unknown keywords, references out of the document) is passed over.
/// </summary>
/// <remarks>The schema is the operator's, the value is anybody's: depth, work and the time of a pattern are limited, and beyond them a value is refused.</remarks>
internal sealed class JsonSchemaCheck
{
    private const int MaxDepth = 128;
    private const int MaxSteps = 500_000;
    private static readonly TimeSpan PatternTime = TimeSpan.FromMilliseconds(100);

    private readonly JsonNode _document;
    private int _steps;

    private JsonSchemaCheck(JsonNode document) => _document = document;

    /// <summary>Null when <paramref name="value"/> is what <paramref name="schema"/> describes, else one sentence saying what is wrong and where.</summary>
    public static string? FirstProblem(JsonNode schema, JsonNode? value) => new JsonSchemaCheck(schema).Check(schema, value, "", 0);

    private string? Check(JsonNode? schema, JsonNode? value, string at, int depth)
    {
        if (depth > MaxDepth || ++_steps > MaxSteps)
            return Say(at, "is nested or repeated too much to be checked");
        if (schema is JsonValue flag && flag.TryGetValue(out bool allowed))
            return allowed ? null : Say(at, "is not allowed here");
        if (schema is not JsonObject rules)
            return null;
        // In draft 7 everything beside a reference is ignored.
        if (Text(rules, "$ref") is { } reference)
            return Check(Find(reference), value, at, depth + 1);
        return CheckType(rules, value, at)
            ?? CheckChoices(rules, value, at)
            ?? value switch
            {
                JsonObject fields => CheckFields(rules, fields, at, depth),
                JsonArray items => CheckItems(rules, items, at, depth),
                JsonValue single => CheckText(rules, single, at) ?? CheckNumber(rules, single, at),
                _ => null,
            }
            ?? CheckCombined(rules, value, at, depth);
    }

    private static string? CheckType(JsonObject rules, JsonNode? value, string at)
    {
        string[] wanted = rules["type"] switch
        {
            JsonArray several => [.. several.Select(one => one?.ToString() ?? "")],
            JsonValue one => [one.ToString()],
            _ => [],
        };
        return wanted.Length == 0 || wanted.Any(type => Is(type, value)) ? null : Say(at, $"must be of type {string.Join(" or ", wanted)}");
    }

    private static bool Is(string type, JsonNode? value) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("null", JsonValueKind.Null) or ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String)
            or ("number", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => double.IsInteger(Number(value!)),
        _ => false,
    };

    private string? CheckChoices(JsonObject rules, JsonNode? value, string at)
    {
        if (rules.TryGetPropertyValue("const", out JsonNode? only) && !JsonNode.DeepEquals(only, value))
            return Say(at, $"must be {Short(only)}");
        if (rules["enum"] is not JsonArray choices || choices.Any(choice => JsonNode.DeepEquals(choice, value)))
            return null;
        _steps += choices.Count;
        return Say(at, $"must be one of {string.Join(", ", choices.Take(20).Select(Short))}");
    }

    private string? CheckFields(JsonObject rules, JsonObject fields, string at, int depth)
    {
        if (rules["required"] is JsonArray required && required.Select(name => name?.ToString() ?? "").FirstOrDefault(name => !fields.ContainsKey(name)) is { } missing)
            return Say(at, $"lacks '{missing}'");
        if (Count(rules, "minProperties") is { } least && fields.Count < least)
            return Say(at, Invariant($"must have at least {least} keys"));
        if (Count(rules, "maxProperties") is { } most && fields.Count > most)
            return Say(at, Invariant($"must have at most {most} keys"));
        foreach ((string name, JsonNode? value) in fields)
        {
            string inside = $"{at}/{name}";
            bool known = false;
            if (rules["propertyNames"] is { } names && Check(names, JsonValue.Create(name), inside, depth + 1) is { } badName)
                return badName;
            if (rules["properties"] is JsonObject properties && properties.TryGetPropertyValue(name, out JsonNode? own))
            {
                known = true;
                if (Check(own, value, inside, depth + 1) is { } problem)
                    return problem;
            }
            foreach ((string pattern, JsonNode? described) in rules["patternProperties"] as JsonObject ?? [])
            {
                if (Matches(pattern, name) != true)
                    continue;
                known = true;
                if (Check(described, value, inside, depth + 1) is { } problem)
                    return problem;
            }
            if (!known && rules["additionalProperties"] is { } others && Check(others, value, inside, depth + 1) is { } unknown)
                return unknown;
            if ((rules["dependencies"] as JsonObject)?[name] is { } dependency && CheckDependency(dependency, fields, name, at, depth) is { } lacking)
                return lacking;
        }
        return null;
    }

    private string? CheckDependency(JsonNode dependency, JsonObject fields, string name, string at, int depth) => dependency is JsonArray needed
        ? needed.Select(other => other?.ToString() ?? "").FirstOrDefault(other => !fields.ContainsKey(other)) is { } missing ? Say(at, $"has '{name}' and so needs '{missing}'") : null
        : Check(dependency, fields, at, depth + 1);

    private string? CheckItems(JsonObject rules, JsonArray items, string at, int depth)
    {
        if (Count(rules, "minItems") is { } least && items.Count < least)
            return Say(at, Invariant($"must have at least {least} items"));
        if (Count(rules, "maxItems") is { } most && items.Count > most)
            return Say(at, Invariant($"must have at most {most} items"));
        for (int i = 0; i < items.Count; i++)
        {
            JsonNode? described = rules["items"] is JsonArray each ? i < each.Count ? each[i] : rules["additionalItems"] : rules["items"];
            if (described is not null && Check(described, items[i], $"{at}/{i}", depth + 1) is { } problem)
                return problem;
        }
        if (rules["uniqueItems"]?.GetValueKind() == JsonValueKind.True)
        {
            for (int i = 1; i < items.Count; i++)
            {
                for (int before = 0; before < i; before++)
                {
                    if (++_steps > MaxSteps)
                        return Say(at, "has too many items to be checked for being unique");
                    if (JsonNode.DeepEquals(items[before], items[i]))
                        return Say($"{at}/{i}", "repeats an item before it");
                }
            }
        }
        return rules["contains"] is { } wanted && !items.Any(item => Check(wanted, item, at, depth + 1) is null) ? Say(at, "lacks an item of the wanted form") : null;
    }

    private static string? CheckText(JsonObject rules, JsonValue value, string at)
    {
        if (value.GetValueKind() != JsonValueKind.String)
            return null;
        string text = value.GetValue<string>();
        if (Count(rules, "minLength") is { } least && text.Length < least)
            return Say(at, Invariant($"must have at least {least} characters"));
        if (Count(rules, "maxLength") is { } most && text.Length > most)
            return Say(at, Invariant($"must have at most {most} characters"));
        return Text(rules, "pattern") is { } pattern && Matches(pattern, text) == false ? Say(at, $"must match {pattern}") : null;
    }

    private static string? CheckNumber(JsonObject rules, JsonValue value, string at)
    {
        if (value.GetValueKind() != JsonValueKind.Number)
            return null;
        double number = Number(value);
        if (Count(rules, "minimum") is { } least && number < least)
            return Say(at, Invariant($"must be at least {least}"));
        if (Count(rules, "maximum") is { } most && number > most)
            return Say(at, Invariant($"must be at most {most}"));
        if (Count(rules, "exclusiveMinimum") is { } above && number <= above)
            return Say(at, Invariant($"must be more than {above}"));
        if (Count(rules, "exclusiveMaximum") is { } below && number >= below)
            return Say(at, Invariant($"must be less than {below}"));
        return Count(rules, "multipleOf") is { } step and > 0 && Math.Abs(Math.IEEERemainder(number, step)) > 1e-9 * Math.Max(1, Math.Abs(number)) ? Say(at, Invariant($"must be a multiple of {step}")) : null;
    }

    private string? CheckCombined(JsonObject rules, JsonNode? value, string at, int depth)
    {
        foreach (JsonNode? every in rules["allOf"] as JsonArray ?? [])
        {
            if (Check(every, value, at, depth + 1) is { } problem)
                return problem;
        }
        if (rules["anyOf"] is JsonArray any && Nearest(any, value, at, depth) is (0, var why))
            return why;
        if (rules["oneOf"] is JsonArray one && Nearest(one, value, at, depth) is (not 1, var reason))
            return reason ?? Say(at, "fits more than one of the forms of which it may have one");
        if (rules["not"] is { } never && Check(never, value, at, depth + 1) is null)
            return Say(at, "has a form that is not allowed");
        if (rules["if"] is { } condition)
            return Check(Check(condition, value, at, depth + 1) is null ? rules["then"] : rules["else"], value, at, depth + 1);
        return null;
    }

    /// <summary>How many of the forms fit, and why the first does not when none does.</summary>
    private (int Fitting, string? Problem) Nearest(JsonArray forms, JsonNode? value, string at, int depth)
    {
        List<string?> problems = [.. forms.Select(form => Check(form, value, at, depth + 1))];
        int fitting = problems.Count(problem => problem is null);
        return (fitting, fitting > 0 ? null : Say(at, $"has none of the allowed forms; the first is missed because {problems.FirstOrDefault() ?? "there is none"}"));
    }

    /// <summary>References inside the document; any other allows everything.</summary>
    private JsonNode? Find(string reference)
    {
        if (reference == "#")
            return _document;
        if (!reference.StartsWith("#/", StringComparison.Ordinal))
            return null;
        JsonNode? found = _document;
        foreach (string part in Uri.UnescapeDataString(reference[2..]).Split('/'))
            found = (found as JsonObject)?[part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)];
        return found;
    }

    /// <summary>Null when the pattern is none that can be understood.</summary>
    private static bool? Matches(string pattern, string text)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.ECMAScript, PatternTime);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static double Number(JsonNode value) => value.Deserialize<double>();

    private static double? Count(JsonObject rules, string key) => rules[key]?.GetValueKind() == JsonValueKind.Number ? Number(rules[key]!) : null;

    private static string? Text(JsonObject rules, string key) => rules[key] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static string Short(JsonNode? value)
    {
        string text = value?.ToJsonString(Http.ApiJson.Options) ?? "null";
        return text.Length > 60 ? text[..60] + "…" : text;
    }

    private static string Say(string at, string what) => $"{(at.Length == 0 ? "the value" : at.Length > 200 ? "…" + at[^200..] : at)} {what}";
}
