using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Wire.Yjs;

/// <summary>Values of JavaScript from JSON texts, and to them letter for letter as <c>JSON.stringify</c> writes (ECMA-262, 25.5.2).</summary>
internal static class JsonValues
{
    private static readonly JsonDocumentOptions s_read = new() { MaxDepth = 200 };

    public static object? Parse(string json)
    {
        if (json == "undefined")
            return YUndefined.Value;
        using JsonDocument document = JsonDocument.Parse(json, s_read);
        return Of(document.RootElement);
    }

    public static object? Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => element.EnumerateArray().Select(Of).ToList(),
        JsonValueKind.Object => Fields(element),
        _ => null,
    };

    public static string Write(object? value)
    {
        StringBuilder json = new();
        Write(json, value);
        return json.ToString();
    }

    private static void Write(StringBuilder json, object? value)
    {
        switch (value)
        {
            case string text:
                WriteText(json, text);
                break;
            case bool truth:
                json.Append(truth ? "true" : "false");
                break;
            case double or int or uint or short or ushort or byte or sbyte or float:
                WriteNumber(json, Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case long big:
                json.Append(CultureInfo.InvariantCulture, $"{big}");
                break;
            case IReadOnlyCollection<KeyValuePair<string, object?>> fields:
                WriteFields(json, fields);
                break;
            case IEnumerable<object?> values:
                json.Append('[');
                bool isNext = false;
                foreach (object? entry in values)
                {
                    if (isNext)
                        json.Append(',');
                    isNext = true;
                    Write(json, entry);
                }

                json.Append(']');
                break;
            default:
                json.Append("null");
                break;
        }
    }

    private static void WriteFields(StringBuilder json, IReadOnlyCollection<KeyValuePair<string, object?>> fields)
    {
        json.Append('{');
        bool isNext = false;
        foreach ((string key, object? field) in fields)
        {
            if (field is YUndefined)
                continue;
            if (isNext)
                json.Append(',');
            isNext = true;
            WriteText(json, key);
            json.Append(':');
            Write(json, field);
        }

        json.Append('}');
    }

    private static void WriteText(StringBuilder json, string text)
    {
        json.Append('"');
        for (int place = 0; place < text.Length; place++)
        {
            char unit = text[place];
            switch (unit)
            {
                case '"' or '\\':
                    json.Append('\\').Append(unit);
                    break;
                case '\b' or '\f' or '\n' or '\r' or '\t':
                    json.Append('\\').Append("btnvfr"[unit - '\b']);
                    break;
                case < ' ':
                    Escape(json, unit);
                    break;
                case >= '\ud800' and <= '\udfff' when !(place + 1 < text.Length && char.IsSurrogatePair(unit, text[place + 1])):
                    Escape(json, unit);
                    break;
                case >= '\ud800' and <= '\udfff':
                    json.Append(unit).Append(text[++place]);
                    break;
                default:
                    json.Append(unit);
                    break;
            }
        }

        json.Append('"');
    }

    private static void Escape(StringBuilder json, char unit) => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");

    /// <summary>The fewest digits that mean it, without an exponent between 10⁻⁷ and 10²¹ (ECMA-262, 6.1.6.1.20).</summary>
    private static void WriteNumber(StringBuilder json, double number)
    {
        if (!double.IsFinite(number))
        {
            json.Append("null");
            return;
        }

        if (number == 0)
        {
            json.Append('0');
            return;
        }

        string text = Math.Abs(number).ToString("E16", CultureInfo.InvariantCulture);
        string shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        string digits = shortest.Split('E')[0].Replace(".", "", StringComparison.Ordinal).Trim('0');
        int point = int.Parse(text.AsSpan(text.IndexOf('E', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture) + 1;
        if (number < 0)
            json.Append('-');
        if (point is > 0 and <= 21)
        {
            if (digits.Length <= point)
                json.Append(digits).Append('0', point - digits.Length);
            else
                json.Append(digits.AsSpan(0, point)).Append('.').Append(digits.AsSpan(point));
        }
        else if (point is > -6 and <= 0)
        {
            json.Append("0.").Append('0', -point).Append(digits);
        }
        else
        {
            json.Append(digits[0]);
            if (digits.Length > 1)
                json.Append('.').Append(digits.AsSpan(1));
            json.Append(CultureInfo.InvariantCulture, $"e{(point > 0 ? "+" : "-")}{Math.Abs(point - 1)}");
        }
    }

    private static OrderedDictionary<string, object?> Fields(JsonElement element)
    {
        OrderedDictionary<string, object?> fields = [];
        foreach (JsonProperty field in element.EnumerateObject())
            fields[field.Name] = Of(field.Value);
        return fields;
    }
}
