using System.Text;

namespace Wire.Yjs;

/// <summary>
/// The protocol of rooms (y-protocols, sync.js and auth.js, as y-websocket and JupyterLab speak it):
/// <code>
/// 0 0 state vector | 0 1 update | 0 2 update | 1 awareness | 2 0 reason | 3
/// </code>
/// each payload but that of 3 with its length before it.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Payload">A state vector, an update, a message of awareness, the text of a reason; everything after the number of <see cref="YMessageKind.Other"/>.</param>
/// <param name="Number">First number of the message.</param>
public readonly record struct YMessage(YMessageKind Kind, ReadOnlyMemory<byte> Payload, int Number)
{
    private const byte Sync = 0;
    private const byte AwarenessNumber = 1;
    private const byte Auth = 2;
    private const byte Query = 3;

    /// <exception cref="YjsFormatException">It is no message.</exception>
    public static YMessage Decode(ReadOnlyMemory<byte> message)
    {
        UpdateReader reader = new(message.Span);
        int number = reader.ReadClock();
        switch (number)
        {
            case Sync:
                YMessageKind kind = reader.ReadVarUint() switch
                {
                    0 => YMessageKind.SyncState,
                    1 => YMessageKind.SyncUpdate,
                    2 => YMessageKind.Update,
                    _ => throw reader.Fail("A message of sync of no known kind"),
                };
                return Of(kind, ref reader, message, number);
            case AwarenessNumber:
                return Of(YMessageKind.Awareness, ref reader, message, number);
            case Auth:
                return reader.ReadVarUint() == 0 ? Of(YMessageKind.Refusal, ref reader, message, number) : throw reader.Fail("A message of auth of no known kind");
            case Query:
                return reader.IsAtEnd ? new YMessage(YMessageKind.AwarenessQuery, default, number) : throw reader.Fail("Something follows");
            default:
                return new YMessage(YMessageKind.Other, message[reader.Offset..], number);
        }
    }

    public static byte[] EncodeState(StateVector state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Encode(Sync, 0, state.Encode());
    }

    public static byte[] EncodeSyncUpdate(ReadOnlySpan<byte> update) => Encode(Sync, 1, update);

    public static byte[] EncodeUpdate(ReadOnlySpan<byte> update) => Encode(Sync, 2, update);

    public static byte[] EncodeAwareness(ReadOnlySpan<byte> update) => Encode(AwarenessNumber, null, update);

    public static byte[] EncodeRefusal(string reason) => Encode(Auth, 0, Encoding.UTF8.GetBytes(reason));

    private static YMessage Of(YMessageKind kind, ref UpdateReader reader, ReadOnlyMemory<byte> message, int number)
    {
        int length = reader.ReadBuffer().Length;
        return reader.IsAtEnd ? new YMessage(kind, message.Slice(reader.Offset - length, length), number) : throw reader.Fail("Something follows");
    }

    private static byte[] Encode(byte number, byte? second, ReadOnlySpan<byte> payload)
    {
        UpdateWriter writer = new(payload.Length + 16);
        writer.WriteByte(number);
        if (second is { } kind)
            writer.WriteByte(kind);
        writer.WriteBuffer(payload);
        return writer.ToArray();
    }
}
