using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hub.Storage.Copies;

/// <summary>
/// A copy of the database as text, the same for every engine: one JSON value a line.
/// <code>
/// {"format":1,"schema":4,"engine":"sqlite"}
/// {"table":"users","columns":["id","name",…],"last":17}      then its rows, each an array of numbers, strings and nulls
/// [1,"ada",…]
/// {"end":true,"rows":123}                                     without it the copy is cut off
/// </code>
/// </summary>
internal static class DatabaseCopyCodec
{
    public const int Format = 1;

    /// <summary>Characters of a line at most; the longest row the hub writes is far shorter.</summary>
    public const int MaxLine = 4 << 20;

    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(CopyHead head) => JsonSerializer.Serialize(head, s_options);

    public static string Write(CopyTable table) => JsonSerializer.Serialize(table, s_options);

    public static string Write(CopyEnd end) => JsonSerializer.Serialize(end, s_options);

    /// <exception cref="InvalidDataException">A value is neither text nor an integer.</exception>
    public static string WriteRow(ReadOnlySpan<object?> row)
    {
        foreach (object? value in row)
        {
            if (value is not (null or long or int or string))
                throw new InvalidDataException($"A value of type {value.GetType().Name} cannot be copied.");
        }
        return JsonSerializer.Serialize(row.ToArray(), s_options);
    }

    public static bool IsRow(string line) => line.StartsWith('[');

    /// <exception cref="InvalidDataException">Not what is expected here.</exception>
    public static T Read<T>(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, s_options) ?? throw new InvalidDataException("null instead of an object");
        }
        catch (JsonException wrong)
        {
            throw new InvalidDataException(wrong.Message);
        }
    }

    /// <summary>Numbers as <see cref="long"/>, text as <see cref="string"/>.</summary>
    /// <exception cref="InvalidDataException">Not an array of <paramref name="width"/> such values.</exception>
    public static object?[] ReadRow(string line, int width)
    {
        try
        {
            using JsonDocument row = JsonDocument.Parse(line);
            if (row.RootElement.ValueKind != JsonValueKind.Array || row.RootElement.GetArrayLength() != width)
                throw new InvalidDataException($"a row has not {width} values");
            return [.. row.RootElement.EnumerateArray().Select(Value)];
        }
        catch (JsonException wrong)
        {
            throw new InvalidDataException(wrong.Message);
        }
    }

    private static object? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number when value.TryGetInt64(out long number) => number,
        _ => throw new InvalidDataException("a value is neither text nor an integer"),
    };
}
