using System.Text;

namespace Hub.Accounts;

/// <summary>What people are called on pages: any text of some length, on one line.</summary>
public static class DisplayName
{
    /// <summary>What is wrong with <paramref name="name"/>; null when it will do.</summary>
    public static string? Problem(string name, AccountsOptions limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (name.Trim().Length == 0 || name.Length > limits.MaxDisplayNameLength)
            return FormattableString.Invariant($"The name must have 1 to {limits.MaxDisplayNameLength} characters (Accounts:MaxDisplayNameLength).");
        // Marks that turn the direction of writing would let one name pass for another.
        return name.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar) || name.Any(letter => char.IsControl(letter) || letter is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029')
            ? "The name must have no control characters."
            : null;
    }
}
