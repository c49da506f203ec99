using System.Buffers;
using System.Text.Json;
using Hub.Contents.FileSystem;
using Hub.Contents.Notebooks;

namespace Hub.Contents.Saving;

/// <summary>
/// One save from the first byte of its body to the renamed file. Text and base64 go to the pending file while they arrive, so a save of any length
/// needs the memory of a buffer; a notebook is kept (beyond <see cref="MostInMemory"/> on disk) until it is whole, because it is rewritten.
/// Synchronous; runs on the threads of <see cref="ContentThreads"/>, one call at a time.
/// </summary>
internal sealed class SaveSession : ISaveBodySink, IDisposable
{
    private const int MostInMemory = 1 << 20;

    private readonly ContentRoot _root;
    private readonly ContentPath _path;
    private readonly ContentsOptions _options;
    private readonly UploadTurn _turn;
    private readonly Preconditions _conditions;
    private readonly SaveBodyParser _parser;
    private readonly ArrayBufferWriter<byte> _json = new();
    private WriteTarget? _target;
    private PendingFile? _pending;
    private Base64Decoder? _base64;
    private string? _formatBefore;
    private bool _isText;

    public SaveSession(HomeDirectory home, ContentPath path, ContentsOptions options, UploadTurn turn, Preconditions? conditions = null)
    {
        _root = ContentRoot.Open(home);
        _path = path;
        _options = options;
        _turn = turn;
        _conditions = conditions ?? Preconditions.None;
        _parser = new SaveBodyParser(this, options.MaxNotebookBytes, "Contents:MaxNotebookBytes", options.MaxModelBytes);
    }

    /// <summary>The next bytes of the body.</summary>
    public void Feed(ReadOnlySequence<byte> bytes)
    {
        foreach (ReadOnlyMemory<byte> piece in bytes)
            _parser.Feed(piece.Span);
    }

    /// <summary>The body is complete: does what it asks for.</summary>
    /// <returns>Null when the body was empty, and nothing was done.</returns>
    /// <exception cref="ContentException">It cannot be done; nothing was changed.</exception>
    public SaveResult? Finish()
    {
        if (_parser.Finish() is not { } body)
            return null;
        if (body.CopyFrom is not null)
            throw Wrong("Cannot copy with PUT, only POST");
        if (body.Chunk is not null && body.Type is not "file")
            throw Wrong($"File type \"{body.Type}\" is not supported for large file transfer");
        return body.Type switch
        {
            null => throw Wrong("No file type provided"),
            "directory" => SaveDirectory(),
            "file" or "notebook" when !body.HasContent => throw Wrong("No file content provided"),
            "file" => SaveFile(body),
            "notebook" => SaveNotebook(body),
            _ => throw Wrong($"Unhandled contents type: {body.Type[..Math.Min(body.Type.Length, 40)]}"),
        };
    }

    public void Dispose()
    {
        _pending?.Dispose();
        _target?.Dispose();
        _root.Dispose();
    }

    void ISaveBodySink.Begin(bool isText, string? format)
    {
        _isText = isText;
        _formatBefore = format;
        if (!isText)
            return;
        _pending = PendingFile.Create(Target().Directory, _path.ToString(), replaces: Replaces(Target()));
        if (format == "base64")
            _base64 = new Base64Decoder();
    }

    void ISaveBodySink.Add(ReadOnlySpan<byte> bytes)
    {
        if (_base64 is not null)
            _base64.Add(bytes, _pending!);
        else if (_pending is not null)
            _pending.Write(bytes);
        else
            KeepJson(bytes);
    }

    private void KeepJson(ReadOnlySpan<byte> bytes)
    {
        _json.Write(bytes);
        if (_json.WrittenCount <= MostInMemory)
            return;
        _pending = PendingFile.Create(Target().Directory, _path.ToString(), replaces: Replaces(Target()));
        _pending.Write(_json.WrittenSpan);
        _json.Clear();
    }

    private SaveResult SaveDirectory()
    {
        if (_path.IsRoot)
            return new SaveResult(_path, IsNew: false);
        WriteTarget target = Target();
        if (target.Existing is { Kind: not FileKind.Directory })
            throw Wrong($"Not a directory: {_path}");
        if (target.Existing is null)
        {
            _root.User.Allowance?.Take(0, _path.ToString());
            target.Directory.TryMakeDirectory(target.Name, FileModes.Directory);
        }
        return new SaveResult(_path, IsNew: true);
    }

    private SaveResult SaveFile(SaveBody body)
    {
        if (!_isText)
            throw Wrong("'content' of a file must be text");
        if (body.Format is not ("text" or "base64"))
            throw Wrong("Must specify format of file contents as 'text' or 'base64'");
        if (_formatBefore is not null && _formatBefore != body.Format)
            throw Wrong("'format' in the body is given twice");
        RequireFile(Target());
        if (body.Format == "base64")
            DecodeRest();
        if (_pending!.Length > _options.MaxUploadBytes)
            throw new ContentException(ContentFailure.TooLarge, $"The file is larger than Contents:MaxUploadBytes ({_options.MaxUploadBytes} bytes)");
        if (body.Chunk is { } chunk)
            return new UploadPieces(_path, Target(), _options, _turn, Place()).Add(_pending, chunk, body.Hash);
        // Not while it comes: pieces of an upload need none, and are known as such only now.
        _pending.Flush();
        string hash = FileScan.Of(_pending.Content, CancellationToken.None).Hash;
        Place().Put(_pending, body.Hash);
        return new SaveResult(_path, Target().Existing is null) { Hash = hash };
    }

    private void DecodeRest()
    {
        if (_base64 is null)
        {
            // The format stood behind the content: what was written is the text itself, to be decoded from one pending file to another.
            using PendingFile text = _pending!;
            _pending = PendingFile.Create(Target().Directory, _path.ToString(), replaces: Replaces(Target()));
            _base64 = new Base64Decoder();
            text.Flush();
            OpenedFile source = text.Content;
            byte[] buffer = new byte[64 << 10];
            long offset = 0;
            for (int read; (read = source.Read(buffer, offset)) > 0; offset += read)
                _base64.Add(buffer.AsSpan(0, read), _pending);
        }
        _base64.Finish(_pending!);
    }

    private SaveResult SaveNotebook(SaveBody body)
    {
        if (_isText)
            throw Wrong("'content' of a notebook must be an object");
        WriteTarget target = Target();
        RequireFile(target);
        using JsonDocument json = NotebookDocument.ParseJson(
            ReadJson(), _options.MaxJsonDepth, problem => Wrong($"Invalid JSON in body of request: 'content': {problem}"));
        if (json.RootElement.ValueKind != JsonValueKind.Object)
            throw Wrong("'content' of a notebook must be an object");
        using PendingFile file = PendingFile.Create(target.Directory, _path.ToString(), hashed: true, replaces: Replaces(target));
        NotebookCodec.WriteFile(json.RootElement, new JsonTextWriter(file, indented: true));
        file.Write("\n"u8);
        string hash = Convert.ToHexStringLower(file.Hash!.GetCurrentHash());
        Place().Put(file, body.Hash);
        KeepFirstState();
        return new SaveResult(_path, target.Existing is null)
        {
            Problem = NotebookCheck.FirstProblem(json.RootElement),
            Hash = hash,
            TrustedHash = NotebookTrust.IsEarned(json.RootElement) ? hash : null,
        };
    }

    private ReadOnlyMemory<byte> ReadJson()
    {
        if (_pending is null)
            return _json.WrittenMemory;
        _pending.Flush();
        return new OpenedFile(_pending.Content.Handle, _path.ToString()).ReadAll(_options.MaxNotebookBytes, "Contents:MaxNotebookBytes");
    }

    /// <summary>Of a notebook one state is always kept, from its first save on.</summary>
    private void KeepFirstState()
    {
        try
        {
            Checkpoints checkpoints = new(_root, _options);
            if (checkpoints.List(_path).Count == 0)
                checkpoints.Create(_path);
        }
        catch (ContentException)
        {
            // No space for a second copy, or a directory that cannot be made: the notebook itself is saved, which is what was asked for.
        }
    }

    private WriteTarget Target()
    {
        if (_path.IsRoot)
            throw Wrong("The home itself is a directory and cannot be saved to");
        if (_target is null)
        {
            _target = _root.OpenTarget(_path);
            if (_target.Existing is null)
                _path.CheckNew();
            Place().Check();
        }
        return _target;
    }

    private void RequireFile(WriteTarget target)
    {
        if (target.Existing is { Kind: FileKind.Directory })
            throw FileErrors.Of(Errno.IsDirectory, _path.ToString());
        if (target.Existing is not null && !target.Directory.MayAccess(target.Name, LibC.MayWrite))
            throw FileErrors.Of(Errno.Access, _path.ToString());
    }

    /// <summary>What the present file holds is free once the new one takes its place.</summary>
    private static long Replaces(WriteTarget target) => target.Existing?.Releases ?? 0;

    private SavePlace Place() => new(_path, _target!, _conditions);

    private static ContentException Wrong(string message) => new(ContentFailure.BadRequest, message);
}
