using System.Globalization;
using System.Text.Json;

namespace Wire.Yjs;

/// <summary>
/// Structs in update format V1 (yjs, encoding.js):
/// <code>
/// info: 1 = origin follows, 2 = right origin follows, 4 = has a key, 5 bits of ContentKind
/// [origin: client clock] [right origin: client clock]
/// [neither: 1 name of a type at the top | 0 client clock of the item that holds the type; key if there is one]
/// content
/// </code>
/// </summary>
internal static class ItemCodec
{
    private const byte HasOrigin = 0x80;
    private const byte HasRightOrigin = 0x40;
    private const byte HasKey = 0x20;
    private const byte KindBits = 0x1f;

    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 200 };

    public static Struct Read(ref UpdateReader reader, UpdateScope scope, int client, int clock)
    {
        byte info = reader.ReadByte();
        ContentKind kind = (ContentKind)(info & KindBits);
        if (kind == ContentKind.Gone)
            return new GoneStruct(client, clock, Fit(ref reader, reader.ReadLength(), clock));
        if (kind == ContentKind.Gap)
            return new GapStruct(client, clock, Fit(ref reader, reader.ReadLength(), clock));
        YId origin = (info & HasOrigin) != 0 ? ReadId(ref reader, scope, client, clock) : YId.None;
        YId rightOrigin = (info & HasRightOrigin) != 0 ? ReadId(ref reader, scope, client, clock) : YId.None;
        object? parent = null;
        string? key = null;
        if ((info & (HasOrigin | HasRightOrigin)) == 0)
        {
            parent = reader.ReadVarUint() == 1 ? scope.Name(reader.ReadString()) : ReadId(ref reader, scope, client, clock);
            if ((info & HasKey) != 0)
                key = scope.Name(reader.ReadString());
        }

        int start = 0;
        (int length, object? content) = kind == ContentKind.Text ? scope.Texts.Read(ref reader, out start) : ReadContent(ref reader, scope, kind);
        return new Item(client, clock, Fit(ref reader, length, clock), kind, content) { Origin = origin, RightOrigin = rightOrigin, Parent = parent, Key = key, TextStart = start };
    }

    public static void Write(Item item, UpdateWriter writer, ClientTable clients, int offset)
    {
        YId origin = offset > 0 ? new YId(item.Client, item.Clock + offset - 1) : item.Origin;
        YId rightOrigin = item.RightOrigin;
        writer.WriteByte((byte)((byte)item.Kind | (origin.IsNone ? 0 : HasOrigin) | (rightOrigin.IsNone ? 0 : HasRightOrigin) | (item.Key is null ? 0 : HasKey)));
        if (!origin.IsNone)
            WriteId(writer, clients, origin);
        if (!rightOrigin.IsNone)
            WriteId(writer, clients, rightOrigin);
        if (origin.IsNone && rightOrigin.IsNone)
        {
            WriteParent(item.Parent, writer, clients);
            if (item.Key is { } key)
                writer.WriteString(key);
        }

        WriteContent(item, writer, offset);
    }

    private static (int Length, object? Content) ReadContent(ref UpdateReader reader, UpdateScope scope, ContentKind kind)
    {
        switch (kind)
        {
            case ContentKind.Deleted:
                return (reader.ReadLength(), null);
            case ContentKind.Json:
                string[] texts = new string[reader.ReadCount(1)];
                for (int place = 0; place < texts.Length; place++)
                    texts[place] = reader.ReadString();
                return (texts.Length, texts);
            case ContentKind.Binary:
                return (1, reader.ReadBuffer().ToArray());
            case ContentKind.Embed:
                return (1, ReadJson(ref reader));
            case ContentKind.Format:
                return (1, new FormatMark(scope.Name(reader.ReadString()), ReadJson(ref reader)));
            case ContentKind.Type:
                TypeKind type = reader.ReadVarUint() is var number and <= (long)TypeKind.XmlText ? (TypeKind)number : throw reader.Fail("A type of no known kind");
                return (1, new SharedType(type) { NodeName = type is TypeKind.XmlElement or TypeKind.XmlHook ? scope.Name(reader.ReadString()) : null });
            case ContentKind.Any:
                int count = reader.ReadCount(1);
                int start = reader.Offset;
                int[]? ends = count == 1 ? null : new int[count];
                for (int place = 0; place < count; place++)
                {
                    AnyCodec.Skip(ref reader, scope.Limits.MaxValueDepth);
                    if (ends is not null)
                        ends[place] = reader.Offset - start;
                }

                return (count, new AnyRun(reader.Since(start).ToArray(), ends));
            case ContentKind.Document:
                string guid = reader.ReadString();
                int options = reader.Offset;
                AnyCodec.Skip(ref reader, scope.Limits.MaxValueDepth);
                return (1, new Subdocument(guid, reader.Since(options).ToArray()));
            default:
                throw reader.Fail(string.Create(CultureInfo.InvariantCulture, $"A struct of no known kind, {(int)kind}"));
        }
    }

    private static void WriteContent(Item item, UpdateWriter writer, int offset)
    {
        switch (item.Kind)
        {
            case ContentKind.Deleted:
                writer.WriteVarUint(item.Length - offset);
                break;
            case ContentKind.Json:
                writer.WriteVarUint(item.Length - offset);
                foreach (string text in ((string[])item.Content!).AsSpan(offset))
                    writer.WriteString(text);
                break;
            case ContentKind.Binary:
                writer.WriteBuffer((byte[])item.Content!);
                break;
            case ContentKind.Text:
                writer.WriteString(item.Text[offset..]);
                break;
            case ContentKind.Embed:
                writer.WriteString((string)item.Content!);
                break;
            case ContentKind.Format:
                FormatMark mark = (FormatMark)item.Content!;
                writer.WriteString(mark.Key);
                writer.WriteString(mark.Json);
                break;
            case ContentKind.Type:
                SharedType type = (SharedType)item.Content!;
                writer.WriteVarUint((byte)type.Kind);
                if (type.NodeName is { } name)
                    writer.WriteString(name);
                break;
            case ContentKind.Any:
                writer.WriteVarUint(item.Length - offset);
                writer.WriteBytes(((AnyRun)item.Content!).From(offset));
                break;
            case ContentKind.Document:
                Subdocument document = (Subdocument)item.Content!;
                writer.WriteString(document.Guid);
                writer.WriteBytes(document.Options);
                break;
            default:
                throw new InvalidOperationException($"{item.Kind} is no item.");
        }
    }

    private static void WriteParent(object? parent, UpdateWriter writer, ClientTable clients)
    {
        switch (parent)
        {
            case SharedType { Item: { } holder }:
                writer.WriteByte(0);
                WriteId(writer, clients, holder.Id);
                break;
            case SharedType { Name: { } root }:
                writer.WriteByte(1);
                writer.WriteString(root);
                break;
            case string name:
                writer.WriteByte(1);
                writer.WriteString(name);
                break;
            case YId id:
                writer.WriteByte(0);
                WriteId(writer, clients, id);
                break;
            default:
                throw new InvalidOperationException("An item without neighbours needs a parent.");
        }
    }

    private static YId ReadId(ref UpdateReader reader, UpdateScope scope, int client, int clock)
    {
        YId id = new(scope.Clients.PlaceOf(reader.ReadVarUint()), reader.ReadClock());
        return id.Client != client || id.Clock < clock ? id : throw reader.Fail("A struct that depends on itself or on a later one of its client");
    }

    private static void WriteId(UpdateWriter writer, ClientTable clients, YId id)
    {
        writer.WriteVarUint(clients.NumberOf(id.Client));
        writer.WriteVarUint(id.Clock);
    }

    /// <summary>JSON as it stands, looked at so that no page fails over it.</summary>
    private static string ReadJson(ref UpdateReader reader)
    {
        string text = reader.ReadString();
        try
        {
            // JavaScript writes undefined as nothing at all, and some versions as the word.
            if (text is not "undefined")
                using (JsonDocument.Parse(text, s_json))
                    return text;
            return text;
        }
        catch (JsonException)
        {
            throw reader.Fail("A value that is no JSON");
        }
    }

    private static int Fit(ref UpdateReader reader, int length, int clock) =>
        length > 0 && length <= int.MaxValue - clock ? length : throw reader.Fail(length > 0 ? "A clock of more than 31 bits" : "A struct of no units");
}
