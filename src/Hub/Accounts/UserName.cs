using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Hub.Accounts;

/// <summary>
/// The rule for user names. They become directory names, parts of URLs and scope filters, so the alphabet is small: letters and digits of
/// any script, and between them <c>. _ - @ +</c> or a single space. Compared after compatibility normalisation and lower-casing, as in JupyterHub.
/// </summary>
public static partial class UserName
{
    public static string Normalise(string written)
    {
        try
        {
            return written.Normalize(NormalizationForm.FormKC).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            // Half a surrogate pair has no normal form; no name contains one, so nothing is found by it.
            return written;
        }
    }

    /// <summary>The normalised name, or what is wrong with it.</summary>
    public static bool TryParse(
        string written, AccountsOptions options, [NotNullWhen(true)] out string? name, [NotNullWhen(false)] out string? error)
    {
        name = null;
        error = null;
        if (written.Length == 0)
            error = "A user name is missing.";
        else if (written.Length > options.MaxUserNameLength)
            error = $"A user name is longer than {options.MaxUserNameLength} characters (Accounts:MaxUserNameLength).";
        else if (Normalise(written) is var normal && (normal.Length > options.MaxUserNameLength || !Pattern().IsMatch(normal)))
            error = $"Not a user name: '{Printable(written)}'. Letters and digits are allowed, and between them . _ - @ + or one space.";
        else
            name = normal;
        return error is null;
    }

    private static string Printable(string written) => string.Concat(written.Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));

    [GeneratedRegex(@"\A[\p{L}\p{Nd}_](?:[.@+ ]?[\p{L}\p{M}\p{Nd}_\-])*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
