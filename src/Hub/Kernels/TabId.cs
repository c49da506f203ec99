namespace Hub.Kernels;

/// <summary>Whose tab it is: a returning tab has the same id, whatever connection it comes by.</summary>
/// <param name="UserName">The signed-in user: nobody takes over the tab of somebody else by guessing its client id.</param>
/// <param name="ClientId">The <c>session_id</c> of the WebSocket's URL, which is also <c>header.session</c> of what the tab sends.</param>
public readonly record struct TabId(string UserName, string ClientId);
