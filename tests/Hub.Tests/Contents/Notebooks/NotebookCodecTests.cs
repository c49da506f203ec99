using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Contents.Notebooks;
using Xunit;

namespace Hub.Tests.Contents.Notebooks;

/// <summary>The two forms of a notebook; the form on disk is what nbformat 5 writes, byte for byte.</summary>
public sealed class NotebookCodecTests
{
    // Written by nbformat.write from a notebook with these cells; kept as it came.
    private const string Disk =
        """
        {
         "cells": [
          {
           "attachments": {
            "a.png": {
             "image/png": "iVBORw0KGgo="
            }
           },
           "cell_type": "markdown",
           "id": "m1",
           "metadata": {},
           "source": [
            "# Grüße 😀\n",
            "\n",
            "<b>&</b>"
           ]
          },
          {
           "cell_type": "code",
           "execution_count": 1,
           "id": "c1",
           "metadata": {
            "tags": [
             "x"
            ]
           },
           "outputs": [
            {
             "name": "stdout",
             "output_type": "stream",
             "text": [
              "\u001b[31mred\u001b[0m\n",
              "progress\r",
              "done\r\n",
              "end"
             ]
            },
            {
             "data": {
              "application/javascript": [
               "f()\n",
               "g()"
              ],
              "application/json": {
               "a": [
                "line\nbreak"
               ],
               "b": 1.0
              },
              "application/vnd.x+json": "one\ntwo",
              "image/png": "aWJhc2U2NA==\n",
              "text/plain": []
             },
             "execution_count": 1,
             "metadata": {},
             "output_type": "execute_result"
            },
            {
             "ename": "E",
             "evalue": "v",
             "output_type": "error",
             "traceback": [
              "a\nb"
             ]
            }
           ],
           "source": []
          }
         ],
         "metadata": {
          "a": {},
          "z": []
         },
         "nbformat": 4,
         "nbformat_minor": 5
        }
        """;

    [Fact]
    public void The_form_on_disk_is_sorted_split_and_indented_by_one()
    {
        string api = """
            {"nbformat_minor":5,"nbformat":4,"metadata":{"z":[],"a":{},"signature":"x","orig_nbformat":3},"cells":[
            {"cell_type":"markdown","id":"m1","source":"# Gr\u00fc\u00dfe \ud83d\ude00\n\n<b>&<\/b>","metadata":{},"attachments":{"a.png":{"image/png":"iVBORw0KGgo="}}},
            {"cell_type":"code","id":"c1","execution_count":1,"source":"","metadata":{"trusted":true,"tags":["x"]},"outputs":[
            {"output_type":"stream","name":"stdout","text":"\u001B[31mred\u001b[0m\nprogress\rdone\r\nend"},
            {"output_type":"execute_result","execution_count":1,"metadata":{},"data":{"application/javascript":"f()\ng()","text/plain":"","image/png":"aWJhc2U2NA==\n","application/json":{"b":1.0,"a":["line\nbreak"]},"application/vnd.x+json":"one\ntwo"}},
            {"output_type":"error","ename":"E","evalue":"v","traceback":["a\nb"]}]}]}
            """;
        Assert.Equal(Disk, ToDisk(api));
    }

    [Fact]
    public void What_was_written_and_read_and_written_again_is_the_same()
    {
        string once = ToDisk(Disk);
        Assert.Equal(once, ToDisk(ToApi(once, trusted: false).ToJsonString()));
    }

    [Fact]
    public void The_form_of_the_API_has_whole_texts_and_says_whether_it_is_trusted()
    {
        JsonNode notebook = ToApi(Disk, trusted: true);
        Assert.Equal("# Grüße 😀\n\n<b>&</b>", (string?)notebook["cells"]![0]!["source"]);
        Assert.Equal("iVBORw0KGgo=", (string?)notebook["cells"]![0]!["attachments"]!["a.png"]!["image/png"]);
        Assert.Null(notebook["cells"]![0]!["metadata"]!["trusted"]);
        JsonNode code = notebook["cells"]![1]!;
        Assert.Equal("", (string?)code["source"]);
        Assert.True((bool?)code["metadata"]!["trusted"]);
        Assert.Equal("\u001b[31mred\u001b[0m\nprogress\rdone\r\nend", (string?)code["outputs"]![0]!["text"]);
        Assert.Equal("line\nbreak", (string?)code["outputs"]![1]!["data"]!["application/json"]!["a"]![0]);
        Assert.Equal("", (string?)code["outputs"]![1]!["data"]!["text/plain"]);
        Assert.Equal("a\nb", (string?)code["outputs"]![2]!["traceback"]![0]);
        Assert.False((bool?)ToApi(Disk, trusted: false)["cells"]![1]!["metadata"]!["trusted"]);
    }

    [Fact]
    public void A_file_cannot_claim_to_be_trusted()
    {
        JsonNode notebook = ToApi("""{"cells":[{"cell_type":"code","metadata":{"trusted":true},"source":"","outputs":[]}],"nbformat":4}""", trusted: false);
        Assert.False((bool?)notebook["cells"]![0]!["metadata"]!["trusted"]);
    }

    [Theory]
    [InlineData("a\nb", "a\n|b")]
    [InlineData("a\n", "a\n")]
    [InlineData("\n\n", "\n|\n")]
    [InlineData("a\r\nb\rc", "a\r\n|b\r|c")]
    [InlineData("a\u000bb\fc\u001cd\u001de\u001ef", "a\u000b|b\f|c\u001c|d\u001d|e\u001e|f")]
    [InlineData("a\u0085b\u2028c\u2029d", "a\u0085|b\u2028|c\u2029|d")]
    [InlineData("é\u20acx\\n", "é\u20acx\\n")]
    [InlineData("", "")]
    public void Texts_are_cut_where_Python_cuts_lines(string text, string lines)
    {
        string disk = ToDisk($$"""{"cells":[{"cell_type":"raw","source":{{JsonSerializer.Serialize(text)}}}]}""");
        IEnumerable<string> cut = JsonNode.Parse(disk)!["cells"]![0]!["source"]!.AsArray().Select(line => (string)line!);
        Assert.Equal(lines, string.Join('|', cut));
    }

    [Fact]
    public void Odd_parts_are_kept_as_they_are()
    {
        const string odd = """{"cells":[5,null,{"cell_type":7,"source":{"a":1},"outputs":"none","metadata":[],"attachments":3},{"cell_type":"code","outputs":[1,{"output_type":"stream","text":[1,"a"]},{"output_type":"display_data","data":"x"}]}],"extra":[[],{}],"nbformat":4}""";
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(odd), JsonNode.Parse(ToDisk(odd))));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(odd), ToApi(odd, trusted: false)));
    }

    [Fact]
    public void Half_a_surrogate_pair_and_a_name_given_twice_do_no_harm()
    {
        Assert.Contains("\\ud800", ToDisk("""{"cells":[{"source":"\ud800\n"}]}"""), StringComparison.Ordinal);
        Assert.Equal("2", JsonNode.Parse(ToDisk("""{"x":1,"x":2}"""))!["x"]!.ToJsonString());
    }

    private static string ToDisk(string json)
    {
        using JsonDocument notebook = JsonDocument.Parse(json);
        ArrayBufferWriter<byte> output = new();
        NotebookCodec.WriteFile(notebook.RootElement, new JsonTextWriter(output, indented: true));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static JsonNode ToApi(string json, bool trusted)
    {
        using JsonDocument notebook = JsonDocument.Parse(json);
        ArrayBufferWriter<byte> output = new();
        JsonTextWriter writer = new(output, indented: false);
        writer.WriteStartObject();
        foreach (JsonProperty member in notebook.RootElement.EnumerateObject())
        {
            NotebookCodec.WriteName(member, writer);
            if (!member.NameEquals("cells"))
            {
                NotebookCodec.WriteAny(member.Value, writer, sorted: false);
                continue;
            }
            writer.WriteStartArray();
            foreach (JsonElement cell in member.Value.EnumerateArray())
                NotebookCodec.WriteApiCell(cell, trusted, writer);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        return JsonNode.Parse(output.WrittenSpan)!;
    }
}
