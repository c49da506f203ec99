namespace Hub.Auth;

/// <summary>Which passwords are taken: long enough, and not the user's name. Rules about kinds of letters make worse passwords, so there are none.</summary>
public static class PasswordPolicy
{
    /// <summary>What is wrong with a new password, in a sentence for its owner; null when nothing is.</summary>
    public static string? Problem(string password, string userName, AuthOptions options)
    {
        if (password.Length < options.MinPasswordLength)
            return $"The password needs at least {options.MinPasswordLength} characters (Auth:MinPasswordLength).";
        if (password.Length > options.MaxPasswordLength)
            return $"The password has more than {options.MaxPasswordLength} characters (Auth:MaxPasswordLength).";
        if (string.Equals(password, userName, StringComparison.OrdinalIgnoreCase))
            return "The password must not be the user name.";
        return password.Distinct().Count() == 1 ? "The password must not be one character again and again." : null;
    }
}
