namespace Hub.Accounts;

/// <summary>The rule for names of groups made here. Providers' groups are called what the provider calls them.</summary>
public static class GroupName
{
    /// <summary>As long as JupyterHub allows.</summary>
    public const int MaxLength = 255;

    /// <summary>What is wrong with <paramref name="name"/>; null when nothing is. A slash could not be told from the path's.</summary>
    public static string? Problem(string name)
    {
        if (name.Length is 0 or > MaxLength)
            return $"A group name must have 1 to {MaxLength} characters.";
        return name != name.Trim() || name.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter) || letter is '/' or '\\')
            ? "A group name must not begin or end with a space, nor hold slashes or control characters."
            : null;
    }
}
