namespace Wire.Yjs;

/// <summary>
/// Reads update format V2, in which each kind of field has a stream of its own, run-length encoded (yjs, UpdateDecoder.js), and writes the same in V1. A few
/// bytes can announce any number of fields, so structs are counted and what is written has a bound.
/// </summary>
internal ref struct VersionTwo
{
    private readonly YjsLimits _limits;
    private readonly List<string> _keys;
    private readonly UpdateWriter _writer;
    private IntDiffRun _keyClocks;
    private UintRun _clients;
    private IntDiffRun _leftClocks;
    private IntDiffRun _rightClocks;
    private ByteRun _infos;
    private TextRun _texts;
    private ByteRun _parentInfos;
    private UintRun _types;
    private UintRun _lengths;
    private UpdateReader _rest;

    private VersionTwo(ReadOnlySpan<byte> update, YjsLimits limits)
    {
        (_limits, _keys, _writer) = (limits, [], new UpdateWriter(update.Length * 2 + 64));
        UpdateReader reader = new(update);
        // Feature flags, of which there are none yet.
        reader.ReadVarUint();
        _keyClocks = new IntDiffRun(reader.ReadBuffer());
        _clients = new UintRun(reader.ReadBuffer());
        _leftClocks = new IntDiffRun(reader.ReadBuffer());
        _rightClocks = new IntDiffRun(reader.ReadBuffer());
        _infos = new ByteRun(reader.ReadBuffer());
        _texts = new TextRun(reader.ReadBuffer());
        _parentInfos = new ByteRun(reader.ReadBuffer());
        _types = new UintRun(reader.ReadBuffer());
        _lengths = new UintRun(reader.ReadBuffer());
        _rest = new UpdateReader(reader.ReadBytes(reader.Left));
    }

    public static byte[] Convert(ReadOnlySpan<byte> update, YjsLimits limits)
    {
        if (update.Length > limits.MaxUpdateBytes)
            throw new YjsLimitException(nameof(YjsLimits.MaxUpdateBytes), limits.MaxUpdateBytes);
        VersionTwo conversion = new(update, limits);
        conversion.Structs();
        conversion.Removed();
        return conversion._rest.IsAtEnd ? conversion._writer.ToArray() : throw conversion._rest.Fail("Something follows");
    }

    private void Structs()
    {
        int left = _limits.MaxStructs;
        int clients = _rest.ReadCount(2);
        _writer.WriteVarUint(clients);
        for (; clients > 0; clients--)
        {
            long structs = _rest.ReadVarUint();
            if (structs > left)
                throw new YjsLimitException(nameof(YjsLimits.MaxStructs), _limits.MaxStructs);
            left -= (int)structs;
            _writer.WriteVarUint(structs);
            _writer.WriteVarUint(_clients.Read());
            _writer.WriteVarUint(_rest.ReadVarUint());
            for (; structs > 0; structs--)
            {
                One(_infos.Read());
                if (_writer.Length > _limits.MaxUpdateBytes)
                    throw new YjsLimitException(nameof(YjsLimits.MaxUpdateBytes), _limits.MaxUpdateBytes);
            }
        }
    }

    private void One(byte info)
    {
        _writer.WriteByte(info);
        ContentKind kind = (ContentKind)(info & 0x1f);
        if (kind == ContentKind.Gap)
        {
            _writer.WriteVarUint(_rest.ReadVarUint());
            return;
        }

        if (kind is not ContentKind.Gone)
            Neighbours(info);
        Content(kind);
    }

    private void Neighbours(byte info)
    {
        if ((info & 0x80) != 0)
            Id(_clients.Read(), _leftClocks.Read());
        if ((info & 0x40) != 0)
            Id(_clients.Read(), _rightClocks.Read());
        if ((info & 0xc0) != 0)
            return;
        bool isNamed = _parentInfos.Read() == 1;
        _writer.WriteByte(isNamed ? (byte)1 : (byte)0);
        if (isNamed)
            _writer.WriteString(_texts.Read());
        else
            Id(_clients.Read(), _leftClocks.Read());
        if ((info & 0x20) != 0)
            _writer.WriteString(_texts.Read());
    }

    private void Content(ContentKind kind)
    {
        switch (kind)
        {
            case ContentKind.Gone or ContentKind.Deleted:
                _writer.WriteVarUint(_lengths.Read());
                break;
            case ContentKind.Json:
                long texts = Count();
                for (; texts > 0; texts--)
                    _writer.WriteString(_texts.Read());
                break;
            case ContentKind.Binary:
                _writer.WriteBuffer(_rest.ReadBuffer());
                break;
            case ContentKind.Text:
                _writer.WriteString(_texts.Read());
                break;
            case ContentKind.Embed:
                _writer.WriteString(Json());
                break;
            case ContentKind.Format:
                _writer.WriteString(Key());
                _writer.WriteString(Json());
                break;
            case ContentKind.Type:
                long type = _types.Read();
                _writer.WriteVarUint(type);
                if ((TypeKind)type is TypeKind.XmlElement or TypeKind.XmlHook)
                    _writer.WriteString(Key());
                break;
            case ContentKind.Any:
                long values = Count();
                for (; values > 0; values--)
                    Value();
                break;
            case ContentKind.Document:
                _writer.WriteString(_texts.Read());
                Value();
                break;
            default:
                throw _rest.Fail($"A struct of no known kind, {(int)kind}");
        }
    }

    private void Removed()
    {
        int clients = _rest.ReadCount(2);
        _writer.WriteVarUint(clients);
        for (; clients > 0; clients--)
        {
            _writer.WriteVarUint(_rest.ReadVarUint());
            int ranges = _rest.ReadCount(2);
            _writer.WriteVarUint(ranges);
            long clock = 0;
            for (; ranges > 0; ranges--)
            {
                clock += _rest.ReadVarUint();
                long length = _rest.ReadVarUint() + 1;
                _writer.WriteVarUint(clock);
                _writer.WriteVarUint(length);
                clock += length;
            }
        }
    }

    /// <summary>Of values or texts: what follows is bounded by what there is to read, a count of nothing much is not.</summary>
    private long Count()
    {
        long count = _lengths.Read();
        if (count > _limits.MaxStructs)
            throw new YjsLimitException(nameof(YjsLimits.MaxStructs), _limits.MaxStructs);
        _writer.WriteVarUint(count);
        return count;
    }

    private void Id(long client, long clock)
    {
        _writer.WriteVarUint(client);
        _writer.WriteVarUint(clock >= 0 ? clock : throw _rest.Fail("A clock below 0"));
    }

    private void Value()
    {
        int start = _rest.Offset;
        AnyCodec.Skip(ref _rest, _limits.MaxValueDepth);
        _writer.WriteBytes(_rest.Since(start));
    }

    private string Json()
    {
        int start = _rest.Offset;
        AnyCodec.Skip(ref _rest, _limits.MaxValueDepth);
        return JsonValues.Write(AnyCodec.Read(_rest.Since(start)));
    }

    private string Key()
    {
        long known = _keyClocks.Read();
        if (known >= 0 && known < _keys.Count)
            return _keys[(int)known];
        _keys.Add(_texts.Read());
        return _keys[^1];
    }

    /// <summary>A number, and if it is negative how often it comes.</summary>
    private ref struct UintRun(ReadOnlySpan<byte> bytes)
    {
        private UpdateReader _reader = new(bytes);
        private long _value;
        private long _left;

        public long Read()
        {
            if (_left == 0)
            {
                (_value, bool repeats) = _reader.ReadVarInt();
                _left = repeats ? _reader.ReadVarUint() + 2 : 1;
            }

            _left--;
            return _value;
        }

    }

    /// <summary>Differences to the number before, in the lowest bit whether it is told how often they come.</summary>
    private ref struct IntDiffRun(ReadOnlySpan<byte> bytes)
    {
        private UpdateReader _reader = new(bytes);
        private long _value;
        private long _difference;
        private long _left;

        public long Read()
        {
            if (_left == 0)
            {
                (long magnitude, bool isNegative) = _reader.ReadVarInt();
                long both = isNegative ? -magnitude : magnitude;
                _difference = both >> 1;
                _left = (both & 1) != 0 ? _reader.ReadVarUint() + 2 : 1;
            }

            _left--;
            return _value += _difference;
        }
    }

    /// <summary>A byte and how often it comes; the last one for ever.</summary>
    private ref struct ByteRun(ReadOnlySpan<byte> bytes)
    {
        private UpdateReader _reader = new(bytes);
        private byte _value;
        private long _left;

        public byte Read()
        {
            if (_left == 0)
            {
                _value = _reader.ReadByte();
                _left = _reader.IsAtEnd ? long.MaxValue : _reader.ReadVarUint() + 1;
            }

            _left--;
            return _value;
        }
    }

    /// <summary>All texts in one, and how long each is.</summary>
    private ref struct TextRun
    {
        private readonly string _all;
        private UintRun _lengths;
        private int _next;

        public TextRun(ReadOnlySpan<byte> bytes)
        {
            UpdateReader reader = new(bytes);
            _all = reader.ReadString();
            _lengths = new UintRun(reader.ReadBytes(reader.Left));
        }

        public string Read()
        {
            long length = _lengths.Read();
            if (length > _all.Length - _next)
                throw new YjsFormatException("A text beyond the end", _next);
            string text = _all.Substring(_next, (int)length);
            _next += (int)length;
            return text;
        }
    }
}
