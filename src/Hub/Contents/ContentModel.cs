using System.Text.Json;
using Hub.Http;

namespace Hub.Contents;

/// <summary>What the contents API says of a file or directory; every key is always written, <c>message</c> only when there is one.</summary>
internal sealed record ContentModel
{
    public required ContentPath Path { get; init; }

    /// <summary><c>directory</c>, <c>file</c> or <c>notebook</c>.</summary>
    public required string Type { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset LastModified { get; init; }

    public required bool Writable { get; init; }

    /// <summary>Bytes; null for directories.</summary>
    public long? Size { get; init; }

    public string? MimeType { get; init; }

    /// <summary>SHA-256 of the bytes on disk as lower-case hex, when asked for.</summary>
    public string? Hash { get; init; }

    /// <summary>Entity tag of a file or notebook as <see cref="FileTag"/> makes it; null for directories, whose models are tagged by what they say.</summary>
    public string? Tag { get; init; }

    /// <summary>What is wrong with an invalid notebook.</summary>
    public string? Message { get; init; }

    /// <summary>Writes the model without content as one object.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        WriteStart(writer, null);
        writer.WriteNull("content");
        writer.WriteEndObject();
    }

    /// <summary>Opens the object and writes everything but <c>content</c>, which the caller adds before closing it.</summary>
    public void WriteStart(Utf8JsonWriter writer, string? format)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Path.Name);
        writer.WriteString("path", Path.Text);
        writer.WriteString("type", Type);
        writer.WriteString("created", ApiTime.Format(Created));
        writer.WriteString("last_modified", ApiTime.Format(LastModified));
        writer.WriteBoolean("writable", Writable);
        if (Size is { } size)
            writer.WriteNumber("size", size);
        else
            writer.WriteNull("size");
        writer.WriteString("mimetype", MimeType);
        writer.WriteString("hash", Hash);
        writer.WriteString("hash_algorithm", Hash is null ? null : "sha256");
        if (Message is not null)
            writer.WriteString("message", Message);
        writer.WriteString("format", format);
    }
}
