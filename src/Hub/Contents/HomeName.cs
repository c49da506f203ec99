using System.Globalization;
using System.Text;

namespace Hub.Contents;

/// <summary>The directory name of a user's home: readable for ordinary names, and never a path, whatever the name.</summary>
internal static class HomeName
{
    /// <summary>
    /// Letters, digits and <c>_ @ + - .</c> stay, every other byte of the UTF-8 becomes <c>%XX</c>, and so does a dot in front: the result is no
    /// <c>.</c> or <c>..</c>, holds no slash, and two names never share one.
    /// </summary>
    /// <exception cref="HomeException">Empty, or longer than a directory name can be.</exception>
    public static string Of(string userName)
    {
        StringBuilder name = new(userName.Length);
        foreach (byte unit in Encoding.UTF8.GetBytes(userName))
        {
            char letter = (char)unit;
            bool plain = char.IsAsciiLetterOrDigit(letter) || letter is '_' or '@' or '+' or '-' || (letter == '.' && name.Length > 0);
            if (plain)
                name.Append(letter);
            else
                name.Append(CultureInfo.InvariantCulture, $"%{unit:X2}");
        }
        return name.Length is > 0 and <= 255
            ? name.ToString()
            : throw new HomeException($"The user name of {userName.Length} characters cannot name a home directory.");
    }
}
