using System.Diagnostics;
using Wire.Yjs;

namespace Benchmarks.Yjs;

/// <summary>The same edits as <c>benchmark.mjs</c> makes, and what each step of a document's life takes.</summary>
internal sealed class YjsTrace(string name, int edits)
{
    private readonly List<byte[]> _updates = [];
    private uint _state = 20_261;

    public void Run(Dictionary<string, double> figures)
    {
        YDoc document = new(1);
        document.Changed += transaction => _updates.Add(transaction.Update.ToArray());
        figures["own edits ms"] = Time(() => Edit(document));

        YDoc replica = new(2);
        figures["one by one ms"] = Time(() =>
        {
            foreach (byte[] update in _updates)
                replica.ApplyUpdate(update);
        });
        byte[] all = [];
        figures["encode ms"] = Time(() => all = document.EncodeUpdate());
        figures["encoded KB"] = all.Length / 1024.0;
        byte[] merged = [];
        if (_updates.Count > 2000)
            _updates.RemoveRange(2000, _updates.Count - 2000);
        figures["merge 2000 ms"] = Time(() => merged = YUpdates.Merge([.. _updates]));
        _updates.Clear();
        merged = [];
        document = replica = new YDoc(3);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        figures["at once ms"] = Time(() => document.ApplyUpdate(all));
        figures["memory KB"] = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1024.0;
        GC.KeepAlive(document);
        GC.KeepAlive(replica);
        GC.KeepAlive(merged);
    }

    private static double Time(Action action)
    {
        GC.Collect();
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private void Edit(YDoc document)
    {
        YText text = document.GetText("text");
        switch (name)
        {
            case "typing":
                Type(text);
                break;
            case "notebook":
                Notebook(document);
                break;
            default:
                for (int edit = 0; edit < edits; edit++)
                {
                    int length = text.Length;
                    int index = Next(length + 1);
                    if (Next(10) < 7 || length < 10)
                        text.Insert(index, "ab");
                    else
                        text.Remove(Math.Min(index, length - 2), 2);
                }

                break;
        }
    }

    /// <summary>Runs of keys at a cursor that jumps now and then, and some of them taken back.</summary>
    private void Type(YText text)
    {
        int cursor = 0;
        for (int edit = 0; edit < edits; edit++)
        {
            if (Next(50) == 0)
                cursor = Next(text.Length + 1);
            if (cursor > 0 && Next(8) == 0)
            {
                text.Remove(--cursor, 1);
            }
            else
            {
                text.Insert(cursor++, "x");
            }
        }
    }

    /// <summary>Cells of maps with a source, edited here and there.</summary>
    private void Notebook(YDoc document)
    {
        YArray cells = document.GetArray("cells");
        for (int edit = 0; edit < edits; edit++)
        {
            if (cells.Count < 20 || Next(100) == 0)
            {
                document.Transact(_ =>
                {
                    YMap cell = cells.InsertMap(Next(cells.Count + 1));
                    cell.Set("id", "cell");
                    cell.Set("cell_type", "code");
                    cell.Set("execution_count", null);
                    cell.SetText("source");
                    cell.SetArray("outputs");
                });
                continue;
            }

            YMap some = (YMap)cells[Next(cells.Count)]!;
            if (Next(10) == 0)
                some.Set("execution_count", (double)edit);
            else
            {
                YText source = (YText)some["source"]!;
                source.Insert(Next(source.Length + 1), "word ");
            }
        }
    }

    /// <summary>A linear congruence, the same in both languages.</summary>
    private int Next(int below)
    {
        _state = unchecked((_state * 1_664_525) + 1_013_904_223);
        return (int)((_state >> 8) % (uint)below);
    }
}
