using Microsoft.AspNetCore.Components;

namespace Web.Pages;

/// <summary>Puts JSON inside an HTML <c>script</c> element, where nothing in it may look like markup.</summary>
/// <remarks>
/// The characters below occur in JSON only inside strings, so an escape of JSON's own says the same. U+2028 and U+2029 are
/// line ends to old script parsers.
/// </remarks>
public static class PageJson
{
    public static string Escape(string json) => json
        .Replace("<", "\\u003c", StringComparison.Ordinal)
        .Replace(">", "\\u003e", StringComparison.Ordinal)
        .Replace("&", "\\u0026", StringComparison.Ordinal)
        .Replace("'", "\\u0027", StringComparison.Ordinal)
        .Replace("\u2028", "\\u2028", StringComparison.Ordinal)
        .Replace("\u2029", "\\u2029", StringComparison.Ordinal);

    internal static MarkupString Markup(string json) => new(Escape(json));
}
