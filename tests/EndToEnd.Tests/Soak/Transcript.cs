using System.Globalization;
using System.Text;

namespace EndToEnd.Tests.Soak;

/// <summary>What one tab was told of a kernel that prints <c>line 0</c>, <c>line 1</c> …: checked as it comes, so that an hour of it fits into memory.</summary>
internal sealed class Transcript
{
    private readonly StringBuilder _rest = new();
    private readonly List<string> _wrong = [];
    private readonly List<(long From, long To)> _gaps = [];

    /// <summary>Lines that never came: from the first on, up to but not the second.</summary>
    public IReadOnlyList<(long From, long To)> Gaps => _gaps;

    /// <summary>Number of the line that must come next; null until the first came.</summary>
    public long? Next { get; private set; }

    public long Lines { get; private set; }

    /// <summary>The first of what was doubled, out of order or no line at all.</summary>
    public IReadOnlyList<string> Wrong => _wrong;

    /// <param name="first">Number of the line it must begin with; null takes any.</param>
    public Transcript(long? first) => Next = first;

    /// <summary>More text, cut anywhere.</summary>
    /// <param name="text">What came.</param>
    /// <param name="whence">For the report.</param>
    public void Add(string text, string whence)
    {
        _rest.Append(text);
        string all = _rest.ToString();
        int begin = 0;
        for (int end = all.IndexOf('\n', begin); end >= 0; end = all.IndexOf('\n', begin))
        {
            Line(all[begin..end], whence);
            begin = end + 1;
        }

        _rest.Clear().Append(all, begin, all.Length - begin);
    }

    private void Line(string line, string whence)
    {
        if (!line.StartsWith("line ", StringComparison.Ordinal) || !long.TryParse(line.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            Report($"'{line}' instead of line {Next} ({whence})");
            return;
        }

        if (Next is { } wanted && number > wanted)
            _gaps.Add((wanted, number));
        else if (Next is { } behind && number < behind)
            Report($"line {number} instead of line {behind} ({whence})");
        Next = number + 1;
        Lines++;
    }

    private void Report(string what)
    {
        if (_wrong.Count < 10)
            _wrong.Add(what);
    }
}
