using Hub.Accounts;

namespace Hub.Classes.Rosters;

/// <summary>
/// A roster as a CSV file: a header row that names its columns in any order, <c>name</c> (the user name), and if wanted <c>display_name</c> and <c>role</c>
/// (<c>student</c> or <c>teacher</c>). Every problem is told with its line.
/// </summary>
internal static class RosterCodec
{
    private static readonly string[] s_columns = ["name", "display_name", "role"];

    /// <summary>The people, or all that is wrong; never both.</summary>
    public static (IReadOnlyList<RosterEntry> Entries, IReadOnlyList<CsvProblem> Problems) Decode(string text, int maxPeople, AccountsOptions accounts)
    {
        (IReadOnlyList<CsvRecord> records, CsvProblem? broken) = CsvCodec.Decode(text);
        if (broken is not null)
            return ([], [broken]);
        if (records.Count == 0)
            return ([], [new(1, "the file is empty; its first line names the columns: name, display_name, role")]);
        CsvRecord header = records[0];
        List<string> columns = [.. header.Cells.Select(cell => cell.Trim().ToLowerInvariant())];
        List<CsvProblem> problems =
        [
            .. columns.Where(column => !s_columns.Contains(column)).Select(column => new CsvProblem(header.Line, $"no such column: '{column}' (known: name, display_name, role)")),
            .. columns.GroupBy(column => column).Where(same => same.Count() > 1).Select(same => new CsvProblem(header.Line, $"the column '{same.Key}' stands there twice")),
        ];
        if (!columns.Contains("name"))
            problems.Add(new(header.Line, "the column 'name' is missing"));
        if (records.Count - 1 > maxPeople)
            problems.Add(new(records[maxPeople + 1].Line, $"more than {maxPeople} people at once (Accounts:MaxUsersPerRequest)"));
        if (problems.Count > 0)
            return ([], problems);

        List<RosterEntry> entries = [];
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        foreach (CsvRecord record in records.Skip(1))
        {
            (RosterEntry? entry, string? wrong) = Read(record, columns, accounts);
            if (entry is not null && !seen.TryAdd(entry.UserName, record.Line))
                wrong = FormattableString.Invariant($"{entry.UserName} stands on line {seen[entry.UserName]} already");
            if (wrong is not null)
                problems.Add(new(record.Line, wrong));
            else
                entries.Add(entry!);
        }
        return problems.Count > 0 ? ([], problems) : (entries, []);
    }

    private static (RosterEntry? Entry, string? Wrong) Read(CsvRecord record, List<string> columns, AccountsOptions accounts)
    {
        if (record.Cells.Count != columns.Count)
            return (null, FormattableString.Invariant($"there are {record.Cells.Count} cells, and the header names {columns.Count}"));
        string Cell(string column) => columns.IndexOf(column) is >= 0 and var at ? record.Cells[at].Trim() : "";

        if (!UserName.TryParse(Cell("name"), accounts, out string? name, out string? error))
            return (null, error);
        string display = Cell("display_name");
        if (DisplayName.Problem(display, accounts) is { } wrong && display.Length > 0)
            return (null, wrong);
        return Cell("role").ToLowerInvariant() switch
        {
            "" or "student" => (new(record.Line, name, display.Length > 0 ? display : null, Teacher: false), null),
            "teacher" => (new(record.Line, name, display.Length > 0 ? display : null, Teacher: true), null),
            var other => (null, $"'{other}' is no role; student or teacher are"),
        };
    }
}
