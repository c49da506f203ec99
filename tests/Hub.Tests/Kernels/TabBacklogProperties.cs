using FsCheck;
using FsCheck.Fluent;
using Hub.Journal;
using Hub.Kernels;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>Whatever tabs do, each is given exactly what the journal holds for it, in order and once.</summary>
public sealed class TabBacklogProperties
{
    private const int Tabs = 3;

    [Fact]
    public void Every_transcript_is_the_journals() =>
        Prop.ForAll(Gen.Choose(0, 9_999).ListOf().Resize(200).ToArbitrary(), steps => new Model().PlayAsync(steps)).Check(
            Config.QuickThrowOnFailure.WithMaxTest(300));

    private sealed class Model
    {
        private readonly Tap _tap = new();
        private readonly Page[] _pages = [.. Enumerable.Range(0, Tabs).Select(i => new Page(new TabId("u", $"t{i}")))];
        private int _said;

        public async Task<bool> PlayAsync(IEnumerable<int> steps)
        {
            foreach (int step in steps)
            {
                Page page = _pages[step / 10 % Tabs];
                switch (step % 10)
                {
                    case 0 or 1 or 2:
                        Say(step / 30 % 8, null);
                        break;
                    case 3:
                        Say(1, page.Id);
                        break;
                    case 4 or 5:
                        await TakeAsync(page, 1 + (step / 30 % 5));
                        break;
                    case 6:
                        Leave(page);
                        break;
                    case 7:
                        Return(page, isNumbered: true);
                        break;
                    case 8:
                        Return(page, isNumbered: false);
                        break;
                    default:
                        await TakeAsync(page, 100);
                        break;
                }

                Assert.All(_pages, each => Assert.True(each.Backlog?.Count is null or <= 4));
            }

            foreach (Page page in _pages)
            {
                Return(page, isNumbered: true);
                for (int i = 0; i < 20; i++)
                    await TakeAsync(page, 100);
                Assert.Equal(await ExpectedAsync(page), string.Concat(page.Seen));
            }

            return true;
        }

        private void Say(int count, TabId? to)
        {
            for (int i = 0; i < count; i++)
                _tap.Say($"{++_said},", parent: $"m{_said / 4}", to: to);
        }

        private static async Task TakeAsync(Page page, int most)
        {
            if (page.Backlog is not { } backlog)
                return;
            // What is not there yet is not waited for.
            using CancellationTokenSource now = new();
            List<TabMessage> taken = [];
            ValueTask<bool> taking = backlog.TakeManyAsync(taken, most, 1 << 20, now.Token);
            if (!taking.IsCompleted)
                await now.CancelAsync();
            try
            {
                await taking;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            foreach (TabMessage message in taken)
            {
                page.Seen.Add(BrowserText(message));
                Assert.True(message.Sequence > page.Last);
                page.Last = message.Sequence;
                backlog.Sent(message.Sequence);
            }
        }

        private void Leave(Page page)
        {
            if (page.Backlog is not { } backlog)
                return;
            page.Cursor = backlog.Cursor;
            _tap.Close(backlog);
            page.Backlog = null;
        }

        private void Return(Page page, bool isNumbered)
        {
            Leave(page);
            page.Backlog = _tap.Open(page.Id, isNumbered ? page.Last : page.Cursor);
        }

        private async Task<string> ExpectedAsync(Page page)
        {
            using JournalReader reader = _tap.Journal.Read(0);
            List<string> all = [];
            while (await reader.NextAsync(1_000, 1 << 20, default) is { Count: > 0 } entries)
                all.AddRange(entries.Where(entry => entry.Recipient is null || entry.Recipient == page.Id.Address).Select(entry => BrowserText(new TabMessage(entry.Message, entry.Sequence))));
            return string.Concat(all);
        }

        private static string BrowserText(TabMessage message) => Testing.BrowserTab.Content(message.Message).GetProperty("text").GetString()!;
    }

    private sealed class Page(TabId id)
    {
        public TabId Id { get; } = id;

        public TabBacklog? Backlog { get; set; }

        public List<string> Seen { get; } = [];

        public long Last { get; set; }

        public long Cursor { get; set; }
    }
}
