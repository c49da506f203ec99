using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wire.Zmtp.Curve;

namespace Wire.Zmtp;

/// <summary>Limits and habits of a socket. Whoever goes beyond a limit reads its name in the error.</summary>
public sealed record ZmtpOptions
{
    public static ZmtpOptions Default { get; } = new();

    [Description("Longest frame accepted from a peer, in bytes."), Range(1, 2_000_000_000)]
    public int MaxFrameBytes { get; init; } = 512 * 1024 * 1024;

    [Description("Longest message accepted from a peer, all frames together, in bytes."), Range(1, 2_000_000_000)]
    public int MaxMessageBytes { get; init; } = 512 * 1024 * 1024;

    [Description("Most frames accepted in one message."), Range(1, 1_000_000)]
    public int MaxFramesPerMessage { get; init; } = 4096;

    [Description("Longest command (READY, SUBSCRIBE, PING ...) accepted from a peer, in bytes."), Range(512, 60_000)]
    public int MaxCommandBytes { get; init; } = 16 * 1024;

    [Description("Most topics one subscriber may hold at a publisher."), Range(1, 1_000_000)]
    public int MaxSubscriptions { get; init; } = 1024;

    [Description("Most peers connected to a listening socket at once; further ones are closed at once."), Range(1, 1_000_000)]
    public int MaxPeers { get; init; } = 10_000;

    [Description("Messages that may wait to be sent to one peer.")]
    [Range(1, 1_000_000)]
    public int SendHighWaterMark { get; init; } = 1000;

    [Description("Bytes that may wait to be sent to one peer; one message alone may be longer.")]
    [Range(1, 2_000_000_000)]
    public int SendHighWaterMarkBytes { get; init; } = 256 * 1024 * 1024;

    [Description("Messages that may wait for ReceiveAsync, all peers together; when full, reading from the peers stops.")]
    [Range(1, 1_000_000)]
    public int ReceiveHighWaterMark { get; init; } = 1000;

    [Description("What a send does when the send high-water mark is reached: AsSocketType, Wait or Drop.")]
    public FullQueuePolicy WhenFull { get; init; } = FullQueuePolicy.AsSocketType;

    [Description("What a ROUTER does when a second peer announces an identity in use: HandOver or Refuse.")]
    public DuplicateIdentityPolicy DuplicateIdentity { get; init; } = DuplicateIdentityPolicy.HandOver;

    [Description("A peer must have finished greeting and READY within this time after it connected.")]
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    [Description("One attempt to connect is given up after this time.")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    [Description("Interval of PING to each peer; zero sends none.")]
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.Zero;

    [Description("A peer that sent nothing for this time after a PING is closed.")]
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(30);

    [Description("Time after which a peer may close us when it heard nothing; told in each PING, zero tells none.")]
    public TimeSpan HeartbeatTimeToLive { get; init; } = TimeSpan.Zero;

    [Description("How long disposing a socket waits for queued messages of connected peers to leave.")]
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(1);

    [Description("Wait between attempts to connect.")]
    public ReconnectPolicy Reconnect { get; init; } = ReconnectPolicy.Default;

    [Description("Our side of CURVE, which encrypts everything after the greeting; none speaks NULL. A limit of frames counts its 33 bytes too.")]
    public CurveSecurity? Curve { get; init; }

    [Description("Minor version announced: 1, or 0 to speak as a ZMTP 3.0 peer does."), Range(0, 1)]
    public int Minor { get; init; } = 1;

    /// <exception cref="ValidationException">A value is out of its range; the text names it.</exception>
    internal void Validate()
    {
        if (ReferenceEquals(this, Default))
            return;
        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
        Positive(HandshakeTimeout, nameof(HandshakeTimeout));
        Positive(ConnectTimeout, nameof(ConnectTimeout));
        Positive(HeartbeatTimeout, nameof(HeartbeatTimeout));
        Positive(Reconnect.First, nameof(Reconnect));
    }

    private static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero)
            throw new ValidationException($"{name} must be longer than zero");
    }
}
