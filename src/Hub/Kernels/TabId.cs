namespace Hub.Kernels;

/// <summary>Whose tab it is: a returning tab has the same id, whatever connection it comes by.</summary>
/// <param name="UserName">The signed-in user: nobody takes over the tab of somebody else by guessing its client id.</param>
/// <param name="ClientId">The <c>session_id</c> of the WebSocket's URL, which is also <c>header.session</c> of what the tab sends.</param>
public readonly record struct TabId(string UserName, string ClientId)
{
    /// <summary>How the journal names it. A name of a user holds no line break, so no two tabs share an address.</summary>
    public string Address => $"{UserName}\n{ClientId}";

    /// <summary>The tab of an address.</summary>
    public static TabId Parse(string address)
    {
        int end = address.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? new TabId("", address) : new TabId(address[..end], address[(end + 1)..]);
    }
}
