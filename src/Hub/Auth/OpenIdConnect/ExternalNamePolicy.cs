using System.Globalization;
using System.Text;
using Hub.Accounts;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Makes a user name of what a provider calls somebody. Two people may come to the same name by this; the second is told so, and never gets the
/// account of the first.
/// </summary>
public static class ExternalNamePolicy
{
    /// <summary>
    /// 1. a domain of <paramref name="withoutDomains"/> at the end goes; 2. compatibility normalisation and lower case, as for every user name;
    /// 3. what may not be in a name becomes one hyphen, and what may not stand at an end goes. Null when nothing is left that is a name.
    /// </summary>
    public static string? NameFor(string said, IEnumerable<string> withoutDomains, AccountsOptions options)
    {
        string name = said.Trim();
        int sign = name.LastIndexOf('@');
        if (sign > 0 && withoutDomains.Any(domain => string.Equals(domain.TrimStart('@'), name[(sign + 1)..], StringComparison.OrdinalIgnoreCase)))
            name = name[..sign];
        string fitted = Fit(UserName.Normalise(name));
        return UserName.TryParse(fitted, options, out string? parsed, out _) ? parsed : null;
    }

    private static string Fit(string name)
    {
        var fitted = new StringBuilder(name.Length);
        foreach (Rune rune in name.EnumerateRunes())
        {
            bool mark = rune.Value is '.' or '@' or '+' or ' ';
            if (IsPlain(rune) || (mark && fitted.Length > 0 && fitted[^1] is not ('.' or '@' or '+' or ' ')))
                fitted.Append(rune.ToString());
            else if (!mark && fitted.Length > 0 && fitted[^1] != '-')
                fitted.Append('-');
        }
        return fitted.ToString().TrimStart('-').TrimEnd('-', '.', '@', '+', ' ');
    }

    private static bool IsPlain(Rune rune) => rune.Value is '_' or '-'
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
