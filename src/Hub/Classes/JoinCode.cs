using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Hub.Classes;

/// <summary>
/// The word that lets people into a class: eight letters and digits none of which looks like another, written <c>7KQ4-M2XH</c>. There are 6.5 × 10¹¹.
/// </summary>
public static class JoinCode
{
    /// <summary>Without 0 and O, 1, I and L, and without U, which is heard as V and spells words.</summary>
    public const string Alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

    private const int Length = 8;
    private const int Half = Length / 2;

    /// <summary>A new one, as it is stored and shown.</summary>
    public static string New() => Show(RandomNumberGenerator.GetString(Alphabet, Length));

    /// <summary>Understands a code as people type it: in any case, with or without the hyphen, with spaces.</summary>
    public static bool TryParse(string? written, [NotNullWhen(true)] out string? code)
    {
        code = null;
        if (written is null || written.Length > 4 * Length)
            return false;
        string letters = string.Concat(written.Where(letter => !char.IsWhiteSpace(letter) && letter is not ('-' or '–' or '—' or '.' or '_'))).ToUpperInvariant();
        if (letters.Length != Length || letters.Any(letter => !Alphabet.Contains(letter, StringComparison.Ordinal)))
            return false;
        code = Show(letters);
        return true;
    }

    private static string Show(string letters) => $"{letters[..Half]}-{letters[Half..]}";
}
