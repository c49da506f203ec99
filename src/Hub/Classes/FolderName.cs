using System.Text;

namespace Hub.Classes;

/// <summary>The folder a class has in each home, made from its name: readable, and one harmless directory name whatever the name holds.</summary>
internal static class FolderName
{
    private const int MaxLength = 60;

    /// <summary>Letters and digits of any script stay, everything else becomes one hyphen; <c>class</c> when nothing is left.</summary>
    public static string Of(string className)
    {
        var name = new StringBuilder();
        foreach (Rune rune in className.Normalize(NormalizationForm.FormC).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
                name.Append(rune.ToString());
            else if (name.Length > 0 && name[^1] != '-')
                name.Append('-');
            if (name.Length >= MaxLength)
                break;
        }
        string trimmed = name.ToString().Trim('-');
        return trimmed.Length > 0 ? trimmed : "class";
    }
}
