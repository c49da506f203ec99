namespace Hub.Http;

/// <summary>In which form a request wants to hear bad news.</summary>
public enum ApiShape
{
    /// <summary>A drawn page: somebody navigates with a browser.</summary>
    Page,

    /// <summary><c>{"message", "reason"}</c>: Jupyter Server's.</summary>
    Server,

    /// <summary><c>{"status", "message"}</c>: JupyterHub's.</summary>
    Hub,
}
