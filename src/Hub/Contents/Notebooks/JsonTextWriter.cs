using System.Buffers;

namespace Hub.Contents.Notebooks;

/// <summary>
/// Writes JSON from parts that are JSON already. <see cref="System.Text.Json.Utf8JsonWriter"/> does not indent a raw value in a list and escapes names its
/// own way, so the form on disk could not be that of Jupyter.
/// </summary>
/// <param name="indented">One part per line, indented by one blank per level; else without any white space.</param>
internal sealed class JsonTextWriter(IBufferWriter<byte> output, bool indented)
{
    private int _depth;
    private bool _isFirst = true;
    private bool _afterName;

    public void WriteStartObject() => Open((byte)'{');

    public void WriteEndObject() => Close((byte)'}');

    public void WriteStartArray() => Open((byte)'[');

    public void WriteEndArray() => Close((byte)']');

    /// <param name="escaped">Without quotes.</param>
    public void WriteName(ReadOnlySpan<byte> escaped)
    {
        Separate();
        Put((byte)'"');
        output.Write(escaped);
        Put((byte)'"');
        Put((byte)':');
        if (indented)
            Put((byte)' ');
        _afterName = true;
    }

    /// <summary>A whole value as it stands.</summary>
    public void WriteValue(ReadOnlySpan<byte> json)
    {
        Separate();
        output.Write(json);
    }

    /// <summary>A string, from its escaped inside.</summary>
    public void WriteString(ReadOnlySpan<byte> escaped)
    {
        Separate();
        Put((byte)'"');
        output.Write(escaped);
        Put((byte)'"');
    }

    /// <summary>A string that is joined from the insides of others.</summary>
    public void WriteStringPart(ReadOnlySpan<byte> escaped, bool isFirst, bool isLast)
    {
        if (isFirst)
        {
            Separate();
            Put((byte)'"');
        }
        output.Write(escaped);
        if (isLast)
            Put((byte)'"');
    }

    private void Open(byte bracket)
    {
        Separate();
        Put(bracket);
        _depth++;
        _isFirst = true;
    }

    private void Close(byte bracket)
    {
        _depth--;
        if (!_isFirst)
            NewLine();
        Put(bracket);
        _isFirst = false;
    }

    private void Separate()
    {
        if (_afterName)
        {
            _afterName = false;
            _isFirst = false;
            return;
        }
        if (_depth == 0)
            return;
        if (!_isFirst)
            Put((byte)',');
        _isFirst = false;
        NewLine();
    }

    private void NewLine()
    {
        if (!indented)
            return;
        Span<byte> line = output.GetSpan(_depth + 1)[..(_depth + 1)];
        line.Fill((byte)' ');
        line[0] = (byte)'\n';
        output.Advance(line.Length);
    }

    private void Put(byte one)
    {
        output.GetSpan(1)[0] = one;
        output.Advance(1);
    }
}
