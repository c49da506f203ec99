using Hub.Contents.FileSystem;

namespace Hub.Contents.Saving;

/// <summary>
/// An upload in pieces. They are gathered in one temporary file beside the target, which keeps its old content until the last piece is there. Whoever adds
/// a piece first takes the file away by renaming it, so two requests cannot both add to it, and a repeated or missing piece finds no file to add to.
/// That the pieces are all of one upload is the promise of <see cref="UploadTurns"/>.
/// </summary>
internal sealed class UploadPieces(ContentPath path, WriteTarget target, ContentsOptions options, UploadTurn turn)
{
    private const int Last = -1;

    /// <summary>Adds a piece: 1 begins anew, -1 is the last.</summary>
    /// <exception cref="ContentException">Out of order, or longer than the options allow; what was uploaded before is still there.</exception>
    public SaveResult Add(PendingFile piece, int number)
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
                upload.Replace(target.Name, (target.Existing?.Mode ?? FileModes.File) & FileModes.Permissions);
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

    private string FindLast() => Names().FirstOrDefault() ?? throw OutOfOrder(Last);

    private IEnumerable<string> Names() =>
        target.Directory.Names().Select(name => FileName.Decode(name.AsSpan(..^1))).OfType<string>().Where(name => HubLitter.PieceOf(name, path.Name) is not null);

    private ContentException OutOfOrder(int number)
    {
        turn.Finish(); // it can only begin again, perhaps with another file
        return new ContentException(ContentFailure.BadRequest, $"Piece {number} of the upload of '{path}' does not follow on the pieces before it; begin again with chunk 1");
    }
}
