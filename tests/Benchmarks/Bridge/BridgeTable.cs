using System.Globalization;

namespace Benchmarks.Bridge;

/// <summary>Figures by part and unit, a column for each who was measured; of several rounds the median.</summary>
internal sealed class BridgeTable
{
    private static readonly string[] s_columns = ["direct", "hub", "jupyter-server"];

    private readonly List<(string Part, string What)> _rows = [];
    private readonly Dictionary<(string Part, string What, string Who), List<double>> _cells = [];

    public void Add(string part, string what, string who, double figure)
    {
        if (double.IsNaN(figure))
            return;
        if (!_rows.Contains((part, what)))
            _rows.Add((part, what));
        if (!_cells.TryGetValue((part, what, who), out List<double>? figures))
            _cells[(part, what, who)] = figures = [];
        figures.Add(figure);
        Console.Error.WriteLine($"{part} {what} {who} {Text(figure)}");
    }

    public void Print()
    {
        Console.WriteLine($"| what | figure | {string.Join(" | ", s_columns)} |");
        Console.WriteLine("|---|---|---|---|---|");
        // A row may come late (the peer's alone), so parts are gathered.
        foreach ((string part, string what) in _rows.OrderBy(row => _rows.FindIndex(first => first.Part == row.Part)))
            Console.WriteLine($"| {part} | {what} | {string.Join(" | ", s_columns.Select(who => Cell(part, what, who)))} |");
    }

    private string Cell(string part, string what, string who) =>
        _cells.TryGetValue((part, what, who), out List<double>? figures) ? Text(figures.Order().ElementAt(figures.Count / 2)) : "";

    private static string Text(double figure) => figure.ToString(Math.Abs(figure) >= 100 ? "#,0" : "0.##", CultureInfo.InvariantCulture);
}
