using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace EndToEnd.Tests.Browser;

/// <summary>Collects what pages complain of in the browser's console: a story that works while the console is red has a fault nobody saw.</summary>
public sealed class ConsoleWatch
{
    /// <summary>What a page may complain of in any story, and why nobody can or should keep it from doing so.</summary>
    private static readonly (Regex Complaint, string Reason)[] s_allowed =
    [
        (new Regex("thrown: Error: No active debugger session", RegexOptions.CultureInvariant),
            "JupyterLab's debugger asks for the modules of its session whenever a cell is run, also where nobody debugs"),
    ];

    private readonly List<string> _complaints = [];

    /// <summary>Listens to every page of a person's browser, those opened later too.</summary>
    public void Follow(IBrowserContext person)
    {
        person.Console += (_, message) =>
        {
            if (message.Type == "error")
                Add($"{message.Text} [{message.Location}]");
        };
        person.WebError += (_, thrown) => Add($"thrown: {thrown.Error}");
    }

    /// <summary>Starts afresh.</summary>
    public void Forget()
    {
        lock (_complaints)
            _complaints.Clear();
    }

    /// <summary>Everything said since the last <see cref="Forget"/> that no list allows, once each.</summary>
    /// <param name="expected">What this story provokes on purpose: patterns of complaints.</param>
    public IReadOnlyList<string> Unexpected(IEnumerable<string> expected)
    {
        Regex[] known = [.. s_allowed.Select(one => one.Complaint), .. expected.Select(pattern => new Regex(pattern, RegexOptions.CultureInvariant))];
        lock (_complaints)
            return [.. _complaints.Where(complaint => !known.Any(one => one.IsMatch(complaint))).Distinct()];
    }

    private void Add(string complaint)
    {
        lock (_complaints)
            _complaints.Add(complaint);
    }
}
