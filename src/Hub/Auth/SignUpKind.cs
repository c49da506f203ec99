namespace Hub.Auth;

/// <summary>Who may make an account at the page.</summary>
public enum SignUpKind
{
    /// <summary>Nobody: administrators and providers make accounts.</summary>
    Closed,

    /// <summary>Anybody, but an administrator lets them in.</summary>
    Approval,

    /// <summary>Anybody, at once.</summary>
    Open,
}
