using Hub.Accounts;
using Hub.Classes.Rosters;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>Comma-separated values and rosters made of them.</summary>
public sealed class RosterTests
{
    private static readonly AccountsOptions s_limits = new();

    [Theory]
    [InlineData("a,b\r\nc,d\r\n", "1:a|b 2:c|d")]
    [InlineData("a,b\nc,d", "1:a|b 2:c|d")]
    [InlineData("a,\r\n,\r\n", "1:a| 2:|")]
    [InlineData("\"a,1\",\"say \"\"hi\"\"\"\r\n", "1:a,1|say \"hi\"")]
    [InlineData("\"two\nlines\",x\ny,z", "1:two\nlines|x 3:y|z")]
    [InlineData("a\n\n\nb\n", "1:a 4:b")]
    [InlineData("\"\"\n", "1:")]
    [InlineData("\uFEFFname\nada", "1:name 2:ada")]
    [InlineData("", "")]
    public void Records_are_those_of_RFC_4180(string text, string expected)
    {
        (IReadOnlyList<CsvRecord> records, CsvProblem? problem) = CsvCodec.Decode(text);
        Assert.Null(problem);
        Assert.Equal(expected, string.Join(' ', records.Select(record => $"{record.Line}:{string.Join('|', record.Cells)}")));
    }

    [Theory]
    [InlineData("a\nb\"c\n", 2)]
    [InlineData("a\n\"b\"c\n", 2)]
    [InlineData("a\nb\n\"open\nstill", 3)]
    public void What_is_broken_is_told_with_its_line(string text, int line) => Assert.Equal(line, CsvCodec.Decode(text).Problem?.Line);

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@x", "'@x")]
    [InlineData("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\"")]
    [InlineData("\tx", "'\tx")]
    [InlineData("Ada", "Ada")]
    [InlineData("a,b", "\"a,b\"")]
    public void No_cell_is_a_formula_to_a_spreadsheet(string cell, string written) => Assert.Equal(written, CsvCodec.Encode(cell));

    [Fact]
    public void A_roster_names_its_columns_in_any_order()
    {
        (IReadOnlyList<RosterEntry> entries, IReadOnlyList<CsvProblem> problems) =
            RosterCodec.Decode("Role,NAME,display_name\nteacher,Grace,Grace H.\n,ada,=1+1\n", 100, s_limits);
        Assert.Empty(problems);
        Assert.Equal([new(2, "grace", "Grace H.", Teacher: true), new(3, "ada", "=1+1", Teacher: false)], entries);
    }

    [Theory]
    [InlineData("", "line 1: the file is empty")]
    [InlineData("user\nada", "line 1: no such column: 'user'")]
    [InlineData("display_name\nAda", "line 1: the column 'name' is missing")]
    [InlineData("name,name\na,b", "line 1: the column 'name' stands there twice")]
    [InlineData("name\nada\nb/c", "line 3: Not a user name: 'b/c'")]
    [InlineData("name\nada\nADA", "line 3: ada stands on line 2 already")]
    [InlineData("name,role\nada,boss", "line 2: 'boss' is no role")]
    [InlineData("name,role\nada", "line 2: there are 1 cells, and the header names 2")]
    [InlineData("name,display_name\nada,a\u202Eb", "line 2: The name must have no control characters")]
    [InlineData("name\na\nb\nc\nd", "line 5: more than 3 people")]
    public void Every_problem_is_told_with_its_line_and_then_nothing_is_taken(string text, string expected)
    {
        (IReadOnlyList<RosterEntry> entries, IReadOnlyList<CsvProblem> problems) = RosterCodec.Decode(text, 3, s_limits);
        Assert.Empty(entries);
        Assert.StartsWith(expected, problems[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_told_at_once() =>
        Assert.Equal([2, 4], RosterCodec.Decode("name\n/\nada\n..\n", 100, s_limits).Problems.Select(problem => problem.Line));
}
