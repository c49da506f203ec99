using System.Text.RegularExpressions;

namespace Hub.KernelSpecs;

/// <summary>Names of kernelspecs: letters, digits, <c>.</c>, <c>-</c> and <c>_</c>, as Jupyter allows; kept in lower case.</summary>
internal static partial class KernelSpecName
{
    public static bool IsValid(string name) => Form().IsMatch(name);

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex Form();
}
