using System.Buffers.Binary;
using System.Numerics;

namespace Wire.Yjs;

/// <summary>
/// Values of JavaScript as lib0 writes them ("any"): a byte for the kind, from 127 downwards, and what it needs.
/// In C#: <see langword="null"/>, <see cref="YUndefined"/>, <see cref="bool"/>, <see cref="double"/> for every number, <see cref="long"/> for a BigInt,
/// <see cref="string"/>, <c>byte[]</c>, <see cref="List{T}"/> and <see cref="OrderedDictionary{TKey, TValue}"/> of such values.
/// </summary>
internal static class AnyCodec
{
    private const byte Undefined = 127;
    private const byte Null = 126;
    private const byte Integer = 125;
    private const byte Single = 124;
    private const byte Double = 123;
    private const byte BigInt = 122;
    private const byte False = 121;
    private const byte True = 120;
    private const byte Text = 119;
    private const byte Object = 118;
    private const byte Array = 117;
    private const byte Bytes = 116;

    /// <summary>Numbers beyond are written as floating point.</summary>
    private const long MaxInteger = int.MaxValue;

    /// <summary>Goes past one value and looks whether it is one.</summary>
    public static void Skip(ref UpdateReader reader, int depth)
    {
        switch (reader.ReadByte())
        {
            case Undefined or Null or False or True:
                break;
            case Integer:
                reader.ReadVarInt();
                break;
            case Single:
                reader.ReadBytes(4);
                break;
            case Double or BigInt:
                reader.ReadBytes(8);
                break;
            case Text:
                reader.ReadString();
                break;
            case Bytes:
                reader.ReadBuffer();
                break;
            case Object:
                Deeper(depth);
                for (int count = reader.ReadCount(2); count > 0; count--)
                {
                    reader.ReadString();
                    Skip(ref reader, depth - 1);
                }

                break;
            case Array:
                Deeper(depth);
                for (int count = reader.ReadCount(1); count > 0; count--)
                    Skip(ref reader, depth - 1);
                break;
            default:
                throw reader.Fail("A value of no known kind");
        }
    }

    public static object? Read(ReadOnlySpan<byte> bytes)
    {
        UpdateReader reader = new(bytes);
        return Read(ref reader);
    }

    public static object? Read(ref UpdateReader reader)
    {
        switch (reader.ReadByte())
        {
            case Undefined:
                return YUndefined.Value;
            case Null:
                return null;
            case Integer:
                (long magnitude, bool isNegative) = reader.ReadVarInt();
                return isNegative ? -(double)magnitude : magnitude;
            case Single:
                return (double)BinaryPrimitives.ReadSingleBigEndian(reader.ReadBytes(4));
            case Double:
                return BinaryPrimitives.ReadDoubleBigEndian(reader.ReadBytes(8));
            case BigInt:
                return BinaryPrimitives.ReadInt64BigEndian(reader.ReadBytes(8));
            case False:
                return false;
            case True:
                return true;
            case Text:
                return reader.ReadString();
            case Bytes:
                return reader.ReadBuffer().ToArray();
            case Object:
                OrderedDictionary<string, object?> fields = [];
                for (int count = reader.ReadCount(2); count > 0; count--)
                    fields[reader.ReadString()] = Read(ref reader);
                return fields;
            case Array:
                int length = reader.ReadCount(1);
                List<object?> values = new(length);
                for (; length > 0; length--)
                    values.Add(Read(ref reader));
                return values;
            default:
                throw reader.Fail("A value of no known kind");
        }
    }

    /// <exception cref="ArgumentException">A value of a kind that JavaScript does not have, or nested deeper than <paramref name="depth"/>.</exception>
    public static void Write(UpdateWriter writer, object? value, int depth)
    {
        if (depth < 0)
            throw new ArgumentException($"Nested deeper than {nameof(YjsLimits.MaxValueDepth)} allows.", nameof(value));
        switch (value)
        {
            case YUndefined:
                writer.WriteByte(Undefined);
                break;
            case null:
                writer.WriteByte(Null);
                break;
            case bool truth:
                writer.WriteByte(truth ? True : False);
                break;
            case string text:
                writer.WriteByte(Text);
                writer.WriteString(text);
                break;
            case double number:
                WriteNumber(writer, number);
                break;
            case int or uint or short or ushort or byte or sbyte or float or decimal:
                WriteNumber(writer, Convert.ToDouble(value, null));
                break;
            case long big:
                writer.WriteByte(BigInt);
                writer.WriteLong(big);
                break;
            case BigInteger big:
                writer.WriteByte(BigInt);
                writer.WriteLong(unchecked((long)(ulong)(big & ulong.MaxValue)));
                break;
            case byte[] bytes:
                writer.WriteByte(Bytes);
                writer.WriteBuffer(bytes);
                break;
            case IReadOnlyCollection<KeyValuePair<string, object?>> fields:
                writer.WriteByte(Object);
                writer.WriteVarUint(fields.Count);
                foreach ((string key, object? field) in fields)
                {
                    writer.WriteString(key);
                    Write(writer, field, depth - 1);
                }

                break;
            case IReadOnlyCollection<object?> values:
                writer.WriteByte(Array);
                writer.WriteVarUint(values.Count);
                foreach (object? entry in values)
                    Write(writer, entry, depth - 1);
                break;
            default:
                throw new ArgumentException($"{value.GetType()} is no value of JavaScript.", nameof(value));
        }
    }

    private static void WriteNumber(UpdateWriter writer, double number)
    {
        if (double.IsInteger(number) && Math.Abs(number) <= MaxInteger)
        {
            writer.WriteByte(Integer);
            writer.WriteVarInt((long)Math.Abs(number), double.IsNegative(number));
        }
        else if ((double)(float)number == number)
        {
            writer.WriteByte(Single);
            writer.WriteFloat((float)number);
        }
        else
        {
            writer.WriteByte(Double);
            writer.WriteDouble(number);
        }
    }

    private static void Deeper(int depth)
    {
        if (depth <= 0)
            throw new YjsLimitException(nameof(YjsLimits.MaxValueDepth), YjsLimits.Default.MaxValueDepth);
    }
}
