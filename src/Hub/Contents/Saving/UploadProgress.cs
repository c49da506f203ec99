namespace Hub.Contents.Saving;

/// <summary>How far an upload in pieces has come.</summary>
/// <param name="Piece">Number of the last piece that is there.</param>
/// <param name="Bytes">Bytes of all pieces so far.</param>
/// <param name="Hash">SHA-256 of them as lower-case hex, when asked for.</param>
internal sealed record UploadProgress(int Piece, long Bytes, DateTimeOffset LastModified, string? Hash);
