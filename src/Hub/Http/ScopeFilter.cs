namespace Hub.Http;

/// <summary>Which resource of the request a scope must cover: JupyterHub's <c>!user=</c> and other filters, read from the route.</summary>
public enum ScopeFilter
{
    /// <summary>The scope is needed without a filter.</summary>
    None,

    /// <summary>The user named by the route value <c>user</c>.</summary>
    User,

    /// <summary>The server <c>user/server</c> named by the route values <c>user</c> and <c>server</c> (absent: the one the address is of, mostly the default one).</summary>
    Server,

    /// <summary>The group named by the route value <c>group</c>.</summary>
    Group,

    /// <summary>The service named by the route value <c>service</c>.</summary>
    Service,

    /// <summary>What is asked about is the caller: whoever is signed in may.</summary>
    Self,

    /// <summary>Any filter will do; the endpoint itself narrows its answer to what the caller may see.</summary>
    Any,
}
