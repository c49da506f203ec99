using System.Text;

namespace Hub.Classes.Rosters;

/// <summary>
/// Comma-separated values as RFC 4180 has them; lone line feeds end a line, too, as spreadsheets on Linux write. What a spreadsheet would take for a formula
/// is defused on the way out.
/// </summary>
internal static class CsvCodec
{
    /// <summary>Records with the line each begins on, or what is wrong and where. Blank lines are left out.</summary>
    public static (IReadOnlyList<CsvRecord> Records, CsvProblem? Problem) Decode(string text)
    {
        List<CsvRecord> records = [];
        List<string> cells = [];
        var cell = new StringBuilder();
        int line = 1, began = 1, at = text.StartsWith('\uFEFF') ? 1 : 0;
        bool quoted = false, wasQuoted = false;

        void EndRecord()
        {
            cells.Add(cell.ToString());
            cell.Clear();
            if (cells.Count > 1 || cells[0].Length > 0 || wasQuoted)
                records.Add(new CsvRecord(began, [.. cells]));
            cells.Clear();
            wasQuoted = false;
        }

        for (; at < text.Length; at++)
        {
            char letter = text[at];
            if (quoted)
            {
                if (letter != '"')
                    cell.Append(letter);
                else if (at + 1 < text.Length && text[at + 1] == '"')
                    cell.Append(text[at++]);
                else
                    quoted = false;
                if (letter == '\n')
                    line++;
                continue;
            }
            switch (letter)
            {
                case '"' when cell.Length == 0 && !wasQuoted:
                    quoted = wasQuoted = true;
                    break;
                case '"':
                    return (records, new CsvProblem(line, "a quotation mark stands inside of a cell that does not begin with one; double it and put the cell into quotation marks"));
                case ',':
                    cells.Add(cell.ToString());
                    cell.Clear();
                    wasQuoted = false;
                    break;
                case '\r' when at + 1 < text.Length && text[at + 1] == '\n':
                    break;
                case '\n' or '\r':
                    EndRecord();
                    began = ++line;
                    break;
                default:
                    if (wasQuoted)
                        return (records, new CsvProblem(line, "there is something between a closing quotation mark and the comma after it"));
                    cell.Append(letter);
                    break;
            }
        }
        if (quoted)
            return (records, new CsvProblem(began, "a quotation mark is opened and never closed"));
        if (cell.Length > 0 || cells.Count > 0 || wasQuoted)
            EndRecord();
        return (records, null);
    }

    /// <summary>One line with its CR LF.</summary>
    public static string Encode(params IEnumerable<string> cells) => string.Join(',', cells.Select(Encode)) + "\r\n";

    /// <summary>In quotation marks where needed. A cell that a spreadsheet would compute gets an apostrophe in front, and so stays text.</summary>
    public static string Encode(string cell)
    {
        string safe = cell.Length > 0 && cell[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + cell : cell;
        return safe.AsSpan().ContainsAny(",\"\r\n") || safe != safe.Trim() ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
