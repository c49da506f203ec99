using System.Text;
using System.Text.Json;
using Hub.Contents.Notebooks;
using Xunit;

namespace Hub.Tests.Contents.Notebooks;

public sealed class NotebookDocumentTests
{
    [Fact]
    public void A_notebook_of_format_3_is_read_as_format_4()
    {
        using NotebookDocument notebook = Parse("""
            {"nbformat":3,"nbformat_minor":0,"metadata":{"name":"old","signature":"s","kept":1},"worksheets":[{"cells":[
            {"cell_type":"heading","level":2,"source":["Title\n","more"],"metadata":{}},
            {"cell_type":"markdown","source":"text","metadata":{}},
            {"cell_type":"raw","source":"raw","metadata":{}},
            {"cell_type":"code","input":["1+1"],"prompt_number":7,"collapsed":true,"language":"python","metadata":{},"outputs":[
             {"output_type":"pyout","prompt_number":7,"text":["2"],"metadata":{}},
             {"output_type":"stream","stream":"stderr","text":"warn"},
             {"output_type":"pyerr","ename":"E","evalue":"v","traceback":["t"]},
             {"output_type":"display_data","png":"aaa","svg":"<svg/>","metadata":{}}]}]}]}
            """);
        JsonElement cells = notebook.Json.RootElement.GetProperty("cells");
        Assert.Null(notebook.Problem);
        Assert.Equal(["markdown", "markdown", "raw", "code"], cells.EnumerateArray().Select(cell => cell.GetProperty("cell_type").GetString()));
        Assert.Equal("## Title more", cells[0].GetProperty("source").GetString());
        Assert.Equal(7, cells[3].GetProperty("execution_count").GetInt32());
        Assert.True(cells[3].GetProperty("metadata").GetProperty("collapsed").GetBoolean());
        JsonElement outputs = cells[3].GetProperty("outputs");
        Assert.Equal(["execute_result", "stream", "error", "display_data"], outputs.EnumerateArray().Select(output => output.GetProperty("output_type").GetString()));
        Assert.Equal("stderr", outputs[1].GetProperty("name").GetString());
        Assert.Equal("aaa", outputs[3].GetProperty("data").GetProperty("image/png").GetString());
        Assert.Equal("""{"kept":1}""", notebook.Json.RootElement.GetProperty("metadata").GetRawText());
    }

    [Theory]
    [InlineData("""{"nbformat":3,"worksheets":5}""")]
    [InlineData("""{"nbformat":3,"worksheets":[null,{"cells":[null,5,{"cell_type":"code","outputs":[1]},{"cell_type":"heading","level":"x"}]}]}""")]
    public void Odd_notebooks_of_format_3_are_read_as_far_as_they_go(string json)
    {
        using NotebookDocument notebook = Parse(json);
        Assert.Equal(4, notebook.Json.RootElement.GetProperty("nbformat").GetInt32());
    }

    [Theory]
    [InlineData("""{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","id":"a","metadata":{},"source":"","outputs":[],"execution_count":null}]}""", null)]
    [InlineData("""{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[{"cell_type":"raw","metadata":{},"source":["a","b"]}]}""", null)]
    [InlineData("""{"nbformat":4,"nbformat_minor":5,"metadata":{}}""", "'cells' is missing or no list")]
    [InlineData("""{"nbformat":4,"metadata":{},"cells":[]}""", "'nbformat_minor' is missing or no integer")]
    [InlineData("""{"nbformat":4,"nbformat_minor":5,"cells":[]}""", "'metadata' is missing or no object")]
    [InlineData("""{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"raw","metadata":{},"source":""}]}""", "cells[0]: 'id' is missing")]
    [InlineData("""{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"id":"a","cell_type":"raw","metadata":{},"source":""},{"id":"a","cell_type":"raw","metadata":{},"source":""}]}""", "cells[1]: the id 'a' is used twice")]
    [InlineData("""{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[{"cell_type":"poem","metadata":{},"source":""}]}""", "cells[0]: 'cell_type' is 'poem'")]
    [InlineData("""{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[{"cell_type":"raw","metadata":{},"source":5}]}""", "cells[0]: 'source' is missing or no text")]
    [InlineData("""{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[{"cell_type":"code","metadata":{},"source":"","execution_count":1,"outputs":[{"output_type":"x"}]}]}""", "cells[0]: outputs[0]: 'output_type' must be")]
    [InlineData("""{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[{"cell_type":"code","metadata":{},"source":"","execution_count":1,"outputs":[{"output_type":"display_data","data":{}}]}]}""", "cells[0]: outputs[0]: 'metadata' is missing")]
    public void What_is_invalid_is_said_with_its_place(string json, string? problem)
    {
        using NotebookDocument notebook = Parse(json);
        if (problem is null)
            Assert.Null(notebook.Problem);
        else
            Assert.StartsWith("Notebook validation failed: " + problem, notebook.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over()
    {
        using NotebookDocument notebook = Parse("\uFEFF{\"nbformat\":4,\"nbformat_minor\":5,\"metadata\":{},\"cells\":[]}");
        Assert.Null(notebook.Problem);
    }

    [Theory]
    [InlineData("""{"cells":[{"cell_type":"code","metadata":{"trusted":true},"outputs":[{"output_type":"display_data"}]},{"cell_type":"markdown"}]}""", true)]
    [InlineData("""{"cells":[{"cell_type":"code","metadata":{},"outputs":[{"output_type":"stream"},{"output_type":"error"}]}]}""", true)]
    [InlineData("""{"cells":[]}""", true)]
    [InlineData("""{"cells":[{"cell_type":"code","metadata":{},"outputs":[{"output_type":"display_data"}]}]}""", false)]
    [InlineData("""{"cells":[{"cell_type":"code","metadata":{"trusted":"yes"},"outputs":[{"output_type":"execute_result"}]}]}""", false)]
    [InlineData("""{"cells":[{"cell_type":"code","metadata":{"trusted":false},"outputs":[5]}]}""", false)]
    [InlineData("[]", false)]
    public void Trust_is_earned_cell_by_cell(string json, bool earned)
    {
        using JsonDocument notebook = JsonDocument.Parse(json);
        Assert.Equal(earned, NotebookTrust.IsEarned(notebook.RootElement));
    }

    private static NotebookDocument Parse(string json) => NotebookDocument.Parse(Encoding.UTF8.GetBytes(json), "x.ipynb", 100);
}
