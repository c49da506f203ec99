using System.Text.RegularExpressions;
using Xunit;

namespace Hub.Tests.Architecture;

/// <summary>What every file of the repository keeps to.</summary>
public sealed partial class FileTests
{
    private const int MostLines = 400;

    private static readonly string[] s_source = [".cs", ".ts", ".tsx", ".razor", ".mjs", ".sh", ".py"];

    [Fact]
    public void A_long_file_says_why_in_its_first_line() =>
        Assert.Empty(
            from path in Repository.Files
            where s_source.Contains(Path.GetExtension(path))
            let lines = File.ReadAllLines(Path.Combine(Repository.Root, path))
            where lines.Length > MostLines && !FirstLineIsComment().IsMatch(lines[0])
            select $"{path}: {lines.Length} lines");

    [Fact]
    public void No_file_names_a_package_registry_or_the_machine_it_was_written_on() =>
        Assert.Empty(
            from path in Repository.Files
            where s_source.Concat([".json", ".csproj", ".props", ".config", ".yaml", ".yml", ".md", "", ".npmrc"]).Contains(Path.GetExtension(path))
            where !path.EndsWith("FileTests.cs", StringComparison.Ordinal)
            from line in File.ReadLines(Path.Combine(Repository.Root, path))
            where Registry().IsMatch(line) || MachinePath().IsMatch(line)
            select $"{path}: {line.Trim()[..Math.Min(line.Trim().Length, 120)]}");

    [Fact]
    public void Nothing_is_left_unfinished() =>
        Assert.Empty(
            from path in Repository.Files
            where path.StartsWith("src/", StringComparison.Ordinal) && s_source.Contains(Path.GetExtension(path))
            from line in File.ReadLines(Path.Combine(Repository.Root, path))
            where Unfinished().IsMatch(line)
            select $"{path}: {line.Trim()}");

    [GeneratedRegex(@"^(//|#|@\*|/\*)")]
    private static partial Regex FirstLineIsComment();

    [GeneratedRegex(@"https?://[a-z0-9.-]*(npmjs|nuget\.org|deb\.debian|security\.debian|pypi\.org|registry\.)")]
    private static partial Regex Registry();

    [GeneratedRegex(@"(^|[^A-Za-z0-9_.-])/(work|farm)/|/tmp/(wt|plan)/")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\b(TODO|FIXME|XXX|NotImplementedException)\b")]
    private static partial Regex Unfinished();
}
