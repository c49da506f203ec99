using Microsoft.Extensions.Options;

namespace Hub.Contents.Saving;

/// <summary>
/// Whose upload in pieces a file name is for. Jupyter's protocol names an upload by nothing but its target, so the pieces of two different files sent to
/// one name at once would be put together into one. Here the first one has the name until its last piece, or until nothing was heard of it for
/// <see cref="ContentsOptions.UploadIdleSeconds"/>; the other is told so with 409.
/// </summary>
/// <remarks>
/// Kept in memory: after a restart of the hub whoever sends the next piece has the upload. Two tabs under one sign-in look the same; between them it is the
/// first piece that tells another file from the same one sent again.
/// </remarks>
internal sealed class UploadTurns(IOptions<ContentsOptions> options, TimeProvider time)
{
    /// <summary>Uploads remembered at once; beyond it those longest unheard of are forgotten, and have no claim any more.</summary>
    private const int MaxRemembered = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(long UserId, string Path), Claim> _claims = [];

    /// <summary>A save to <paramref name="path"/> begins; while it lasts, an upload it may be a piece of counts as alive.</summary>
    public UploadTurn Enter(long userId, ContentPath path, string owner)
    {
        lock (_gate)
        {
            if (!_claims.TryGetValue((userId, path.Text), out Claim? claim))
            {
                if (_claims.Count >= MaxRemembered)
                    ForgetIdle();
                claim = _claims[(userId, path.Text)] = new Claim();
            }
            claim.InFlight++;
        }
        return new UploadTurn(this, userId, path, owner);
    }

    /// <summary>A request that may carry a piece is being received.</summary>
    public bool IsReceiving(long userId, ContentPath path)
    {
        lock (_gate)
            return _claims.TryGetValue((userId, path.Text), out Claim? claim) && claim.InFlight > 0;
    }

    /// <summary>The upload was given up: its name is free.</summary>
    public void Abandon(long userId, ContentPath path)
    {
        lock (_gate)
        {
            if (_claims.TryGetValue((userId, path.Text), out Claim? claim))
                claim.Owner = claim.FirstPiece = null;
        }
    }

    internal void Leave(UploadTurn turn)
    {
        lock (_gate)
        {
            Claim claim = _claims[(turn.UserId, turn.Path.Text)];
            if (claim.Owner == turn.Owner)
                claim.HeardAt = time.GetTimestamp();
            if (--claim.InFlight == 0 && claim.Owner is null)
                _claims.Remove((turn.UserId, turn.Path.Text));
        }
    }

    /// <exception cref="ContentException">409: the name is another upload's.</exception>
    internal void Take(UploadTurn turn, int piece, string hash)
    {
        lock (_gate)
        {
            Claim claim = _claims[(turn.UserId, turn.Path.Text)];
            bool mine = claim.Owner is null || claim.Owner == turn.Owner;
            // A first piece with the same bytes is the same upload begun again.
            bool same = piece == 1 ? mine && (claim.FirstPiece is null || claim.FirstPiece == hash) : mine;
            bool alive = claim.Owner is not null && (claim.InFlight > 1 || time.GetElapsedTime(claim.HeardAt) < TimeSpan.FromSeconds(options.Value.UploadIdleSeconds));
            if (!same && (alive || piece != 1))
            {
                throw new ContentException(
                    ContentFailure.Exists,
                    $"Another upload to '{turn.Path}' is under way; wait for its end, or {options.Value.UploadIdleSeconds} seconds (Contents:UploadIdleSeconds) after its last piece, or take another name",
                    "upload under way");
            }
            claim.Owner = turn.Owner;
            if (piece == 1)
                claim.FirstPiece = hash;
            claim.HeardAt = time.GetTimestamp();
        }
    }

    internal void Finish(UploadTurn turn)
    {
        lock (_gate)
        {
            Claim claim = _claims[(turn.UserId, turn.Path.Text)];
            claim.Owner = claim.FirstPiece = null;
        }
    }

    private void ForgetIdle()
    {
        foreach ((long, string) idle in _claims.Where(one => one.Value.InFlight == 0).OrderBy(one => one.Value.HeardAt).Take(MaxRemembered / 10).Select(one => one.Key).ToList())
            _claims.Remove(idle);
    }

    private sealed class Claim
    {
        /// <summary>Null: saves are under way, but no upload in pieces.</summary>
        public string? Owner { get; set; }

        /// <summary>Hash of the first piece; null when a former run of the hub took it.</summary>
        public string? FirstPiece { get; set; }

        public int InFlight { get; set; }

        public long HeardAt { get; set; }
    }
}
