using Hub.Contents;
using Hub.Contents.Saving;
using Microsoft.Extensions.Options;
using Testing;
using Xunit;

namespace Hub.Tests.Contents;

public sealed class UploadTurnsTests
{
    private static readonly ContentsOptions s_options = new();

    private readonly ManualTime _time = new();
    private readonly UploadTurns _turns;

    public UploadTurnsTests() => _turns = new UploadTurns(Options.Create(s_options), _time);

    [Fact]
    public void An_upload_nobody_continues_gives_its_name_up()
    {
        Send("ada", 1, "first");
        _time.Advance(TimeSpan.FromSeconds(s_options.UploadIdleSeconds - 1));
        Assert.Equal(ContentFailure.Exists, Assert.Throws<ContentException>(() => Send("bob", 1, "second")).Failure);
        _time.Advance(TimeSpan.FromSeconds(1));
        Send("bob", 1, "second");
        Assert.Throws<ContentException>(() => Send("ada", 2, ""));
    }

    [Fact]
    public void An_upload_whose_piece_is_still_arriving_is_alive_however_long_it_takes()
    {
        Send("ada", 1, "first");
        using UploadTurn arriving = Enter("ada");
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Throws<ContentException>(() => Send("bob", 1, "second"));
        arriving.Take(2, "");
    }

    [Fact]
    public void After_a_restart_of_the_hub_the_next_piece_is_taken()
    {
        Send("ada", 5, "");
        Assert.Throws<ContentException>(() => Send("bob", 6, ""));
    }

    private UploadTurn Enter(string owner) => _turns.Enter(1, ContentPath.Parse("file", s_options), owner);

    private void Send(string owner, int piece, string hash)
    {
        using UploadTurn turn = Enter(owner);
        turn.Take(piece, hash);
    }
}
