namespace Hub.Http;

/// <summary>One server of one user: what kernels, sessions and layouts belong to.</summary>
/// <param name="UserName">Normalised name.</param>
/// <param name="Name">Empty for the default server.</param>
public readonly record struct ServerKey(string UserName, string Name)
{
    public bool IsDefault => Name.Length == 0;

    public static ServerKey Default(string userName) => new(userName, "");

    /// <summary><c>user/name</c>, as JupyterHub spells it in scopes and models; the default server ends in the slash.</summary>
    public override string ToString() => $"{UserName}/{Name}";
}
