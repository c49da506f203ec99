using Hub.Contents.FileSystem;

namespace Hub.Contents.Saving;

/// <summary>
/// An upload in pieces. They are gathered in one temporary file beside the target, which keeps its old content until the last piece is there. Whoever adds
/// a piece first takes the file away by renaming it, so two requests cannot both add to it, and a repeated or missing piece finds no file to add to.
/// That the pieces are all of one upload is the promise of <see cref="UploadTurns"/>.
/// </summary>
internal sealed class UploadPieces(ContentPath path, WriteTarget target, ContentsOptions options, UploadTurn turn, SavePlace place)
{
    private const int Last = -1;

    /// <summary>Adds a piece: 1 begins anew, -1 is the last.</summary>
    /// <exception cref="ContentException">Out of order, or longer than the options allow; what was uploaded before is still there.</exception>
    /// <param name="knownHash">See <see cref="SavePlace.Put"/>; asked when the last piece is there.</param>
    public SaveResult Add(PendingFile piece, int number, string? knownHash)
    {
        if (number is 0 or < Last)
            throw new ContentException(ContentFailure.BadRequest, "'chunk' in the body must be 1 for the first piece, 2, 3, … for the next, and -1 for the last");
        if (number == 1)
        {
            piece.Flush();
            turn.Take(number, FileScan.Of(piece.Content, CancellationToken.None).Hash);
            return Begin(piece);
        }
        turn.Take(number, "");
        byte[] before = FileName.Encode(number == Last ? FindLast() : HubLitter.Upload(path.Name, number - 1));
        if (target.Directory.FindStatus(before) is null)
            throw OutOfOrder(number);
        byte[] taken = FileName.Encode(HubLitter.Temporary());
        target.Directory.Replace(before, target.Directory, taken);
        using PendingFile upload = PendingFile.Resume(target.Directory, taken, path.ToString());
        long length = upload.Length;
        try
        {
            piece.Flush();
            if (!upload.TryCopyFrom(piece.Content, options.MaxUploadBytes - length, CancellationToken.None))
                throw new ContentException(ContentFailure.TooLarge, $"The upload is larger than Contents:MaxUploadBytes ({options.MaxUploadBytes} bytes)");
            if (number == Last)
            {
                place.Put(upload, knownHash);
                turn.Finish();
                return new SaveResult(path, target.Existing is null);
            }
            upload.Park(FileName.Encode(HubLitter.Upload(path.Name, number)));
        }
        catch
        {
            // The piece may be sent again, for instance after making space.
            upload.Truncate(length);
            upload.Park(before);
            throw;
        }
        return new SaveResult(path, target.Existing is null) { Uploaded = upload.Length };
    }

    private SaveResult Begin(PendingFile piece)
    {
        foreach (string earlier in Names())
            target.Directory.Remove(FileName.Encode(earlier), isDirectory: false);
        piece.Park(FileName.Encode(HubLitter.Upload(path.Name, 1)));
        return new SaveResult(path, target.Existing is null) { Uploaded = piece.Length };
    }

    /// <summary>How far the upload to <paramref name="path"/> is; null when there is none, or a piece is being added in this moment.</summary>
    public static UploadProgress? Find(ContentRoot root, ContentPath path, bool withHash)
    {
        using OpenedDirectory directory = root.OpenDirectory(path.Parent);
        foreach (string name in NamesIn(directory, path))
        {
            using OpenedFile? upload = directory.OpenFile(FileName.Encode(name));
            if (upload is null)
                continue;
            string? hash = withHash ? FileScan.Of(upload, CancellationToken.None).Hash : null;
            return new UploadProgress(HubLitter.PieceOf(name, path.Name)!.Value, upload.Status.Size, upload.Status.Modified, hash);
        }
        return null;
    }

    /// <summary>Gives the upload up; false when there was none.</summary>
    public static bool Remove(ContentRoot root, ContentPath path)
    {
        using OpenedDirectory directory = root.OpenDirectory(path.Parent);
        bool removed = false;
        foreach (string name in NamesIn(directory, path))
            removed |= directory.Remove(FileName.Encode(name), isDirectory: false);
        return removed;
    }

    private string FindLast() => Names().FirstOrDefault() ?? throw OutOfOrder(Last);

    private List<string> Names() => NamesIn(target.Directory, path);

    private static List<string> NamesIn(OpenedDirectory directory, ContentPath path) =>
    [
        .. directory.Names().Select(name => FileName.Decode(name.AsSpan(..^1))).OfType<string>().Where(name => HubLitter.PieceOf(name, path.Name) is not null),
    ];

    /// <summary>Whoever lost an answer, or sends twice, learns which piece is missing; nothing that is there is lost by it.</summary>
    private ContentException OutOfOrder(int number)
    {
        if (Names().Select(name => HubLitter.PieceOf(name, path.Name)).FirstOrDefault() is { } there)
        {
            return new ContentException(
                ContentFailure.Conflict,
                $"Piece {number} of the upload of '{path}' does not follow on the {there} before it: expected is chunk {there + 1}, or -1 for the last",
                $"expected chunk {there + 1}");
        }
        turn.Finish(); // it can only begin, perhaps with another file
        return new ContentException(ContentFailure.Conflict, $"Piece {number} of the upload of '{path}' follows on nothing: no upload is under way; begin with chunk 1", "expected chunk 1");
    }
}
