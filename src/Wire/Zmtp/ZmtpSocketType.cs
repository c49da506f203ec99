namespace Wire.Zmtp;

/// <summary>The socket types of ZMTP 3.1; upper-cased, the name is the value of the property <c>Socket-Type</c>.</summary>
public enum ZmtpSocketType
{
    Req,
    Rep,
    Dealer,
    Router,
    Pub,
    Sub,
    XPub,
    XSub,
    Push,
    Pull,
    Pair,
}
