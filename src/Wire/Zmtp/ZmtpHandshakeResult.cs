using Wire.Zmtp.Curve;

namespace Wire.Zmtp;

/// <summary>What two sides agreed on.</summary>
/// <param name="Minor">Minor version both speak.</param>
/// <param name="Reader">May hold bytes that came behind the last command.</param>
/// <param name="Traffic">Null with NULL.</param>
internal readonly record struct ZmtpHandshakeResult(ZmtpReady Ready, int Minor, ZmtpFrameReader Reader, CurveTraffic? Traffic);
