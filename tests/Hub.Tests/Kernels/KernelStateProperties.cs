using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Hub.Kernels;
using Wire.Jupyter;
using Xunit;
using static Hub.Tests.Kernels.Said;

namespace Hub.Tests.Kernels;

/// <summary>Whatever happens in whatever order, the promises of <see cref="KernelState"/> hold.</summary>
public sealed class KernelStateProperties
{
    private const int Tabs = 4;
    private const int Ids = 12;

    private static readonly KernelsOptions s_tight = new() { MaxPendingPerTab = 3, MaxPendingPerKernel = 6, MaxUnsentBytes = 2_000 };

    [Fact]
    public void No_reply_goes_astray_none_is_lost_and_every_bound_holds() =>
        Prop.ForAll(Gen.Choose(0, 99_999).ListOf().Resize(300).ToArbitrary(), steps => new Model().Play(steps)).Check(
            Config.QuickThrowOnFailure.WithMaxTest(500));

    /// <summary>Plays random steps against the state and keeps beside it what must be true.</summary>
    private sealed class Model
    {
        private Room _room = new(s_tight);
        private readonly Dictionary<string, TabId> _open = [];
        private readonly Dictionary<string, HashSet<TabId>> _mayAnswer = [];
        private long _connection = 100;
        private int _life = 1;
        private int _prompts;
        private bool _adopted;

        public bool Play(IEnumerable<int> steps)
        {
            foreach (int step in steps)
            {
                Step(step % 14, TabOf(step / 14), $"m{step / 100 % Ids}", step / 1000);
                Check();
            }

            // In the end nobody waits for ever: each open request is ended, for a tab that is gone in the journal.
            List<string> waiting = [.. _open.Keys];
            ImmutableArray<KernelEffect> end = _room.Do(new KernelEvent.Died());
            Assert.Equal(waiting.Order(), end.OfType<KernelEffect.Abort>().Select(abort => MessageHeader.Parse(abort.ParentHeader).MessageId).Order());
            return true;
        }

        private static TabId TabOf(int n) => new(n % Tabs == 3 ? "guest" : "ada", $"tab-{n % Tabs}");

        private void Step(int kind, TabId tab, string id, int n)
        {
            switch (kind)
            {
                case 0:
                    Heard(_room.Do(new KernelEvent.TabJoined(tab, ++_connection)));
                    break;
                case 1:
                    if (_room.State.Tabs.TryGetValue(tab, out TabEntry? entry))
                        Heard(_room.Do(new KernelEvent.TabLeft(tab, entry.Connection)));
                    break;
                case 2:
                    Heard(_room.Do(new KernelEvent.TabForgotten(tab)));
                    break;
                case 3 or 4 or 5:
                    Ask(tab, id);
                    break;
                case 6 or 7:
                    HearReply(id);
                    break;
                case 8 or 9:
                    HearIdle(id);
                    break;
                case 10:
                    HearPrompt(id);
                    break;
                case 11:
                    Answer(tab, n);
                    break;
                case 12:
                    LoseHub(n);
                    break;
                default:
                    if (id is "m0" or "m1")
                        Restart();
                    else
                        Assert.All(_room.Hear(Output(id)), effect => Assert.IsType<KernelEffect.SendToAll>(effect));
                    break;
            }
        }

        private void Ask(TabId tab, string id)
        {
            bool here = _room.State.Tabs.GetValueOrDefault(tab) is { IsHere: true };
            bool free = !_open.ContainsKey(id);
            ImmutableArray<KernelEffect> effects = _room.Ask(tab, id);
            bool refused = effects.Any(effect => effect is KernelEffect.Refuse or KernelEffect.Tell);
            if (!here)
                Assert.Empty(effects);
            else if (!free)
                Assert.True(refused);
            else if (!refused)
                _open.Add(id, tab);
            Assert.All(effects.OfType<KernelEffect.Refuse>(), refusal => Assert.Equal(tab, refusal.Tab));
        }

        private void HearReply(string id)
        {
            bool known = _open.TryGetValue(id, out TabId asker);
            ImmutableArray<KernelEffect> effects = _room.Hear(Reply(id, session: "nobody"));
            if (known)
                Assert.Equal(asker, Assert.IsType<KernelEffect.SendToTab>(Assert.Single(effects)).Tab);
            else if (_adopted)
                // Perhaps asked of the hub before this one: then it is for the session it was asked from, and nobody else.
                Assert.All(effects.OfType<KernelEffect.SendToTab>(), sent => Assert.Equal(new TabId("ada", "nobody"), sent.Tab));
            else
                Assert.DoesNotContain(effects, effect => effect is KernelEffect.SendToTab or KernelEffect.SendToAll);
            Forget();
        }

        private void HearIdle(string id)
        {
            Assert.IsType<KernelEffect.SendToAll>(Assert.Single(_room.Hear(Status("idle", id))));
            Forget();
        }

        private void HearPrompt(string id) => Heard(_room.Hear(Prompt($"p{++_prompts}", id)));

        private void Answer(TabId tab, int n)
        {
            string prompt = $"p{(_prompts == 0 ? 0 : n % _prompts) + 1}";
            bool here = _room.State.Tabs.GetValueOrDefault(tab) is { IsHere: true };
            bool waits = _room.State.Prompts.Any(waiting => waiting.Prompt.Header.MessageId == prompt);
            bool sent = _room.Answer(tab, prompt).Any(effect => effect is KernelEffect.SendToKernel);
            Assert.Equal(here && waits && _mayAnswer.TryGetValue(prompt, out HashSet<TabId>? asked) && asked.Contains(tab), sent);
        }

        private void Restart()
        {
            _room.Do(new KernelEvent.Restarting());
            _adopted = false;
            _open.Clear();
            _room.Do(new KernelEvent.Launched($"life-{++_life}", Room.HubSession));
            _room.Do(new KernelEvent.Answered(false, []));
        }

        /// <summary>
        /// The hub is killed and another one takes over with what the journal has. Of some open requests the kernel says meanwhile that they are
        /// over; their replies went to nobody. Each is answered once, to its tab, and not before the record of what was said is read.
        /// </summary>
        /// <param name="n">Bits: which requests ended; whether the kernel has answered the new hub, so that all before are over.</param>
        private void LoseHub(int n)
        {
            KernelState before = _room.State;
            (_room, _adopted) = (new Room(s_tight, answered: false), true);
            _room.Do(new KernelEvent.Launched($"life-{_life}", Room.HubSession, Adopted: true));
            _room.Do(new KernelEvent.Restored([.. before.Pending.Values.Select(open => open with { IsRestored = true })], before.Prompts, [.. before.Tabs.Keys]));
            Check();
            string[] ended = [.. _open.Keys.Order().Where((_, i) => (n >> (i + 1) & 1) == 1)];
            bool drained = (n & 1) == 1;
            _room.Do(ProbeOf("probe-1"));
            _room.Do(new KernelEvent.Answered(false, []));
            foreach (string id in ended)
                _room.Hear(Status("idle", id));
            Forget();
            for (int i = 0; i < 3; i++)
                Assert.Empty(_room.Do(new KernelEvent.Tick()));
            for (int i = 1; drained && i <= 2; i++)
            {
                if (i == 2)
                    _room.Do(ProbeOf("probe-2"));
                _room.Hear(Reply($"probe-{i}", "kernel_info_reply", session: Room.HubSession));
                _room.Hear(Status("idle", $"probe-{i}"));
            }

            string[] over = [.. _open.Keys.Where(id => drained || _room.State.Pending[id].IdleSeen)];
            _room.Do(new KernelEvent.CaughtUp());
            KernelEffect.Complete[] completed = [.. new[] { 1, 2 }.SelectMany(_ => _room.Do(new KernelEvent.Tick())).Cast<KernelEffect.Complete>()];
            Assert.Equal(over.Order(), completed.Select(complete => complete.Request.MessageId).Order());
            Assert.All(completed, complete => Assert.Equal(_open[complete.Request.MessageId], complete.Tab));
            Forget();
        }

        private static KernelEvent.HubAsked ProbeOf(string id) => new(Asked(new TabId("", Room.HubSession), id, "kernel_info_request"), IsProbe: true);

        /// <summary>Notes to whom prompts went: only they may answer.</summary>
        private void Heard(ImmutableArray<KernelEffect> effects)
        {
            foreach (KernelEffect.SendToTab sent in effects.OfType<KernelEffect.SendToTab>())
            {
                if (!_mayAnswer.TryGetValue(sent.Said.Header.MessageId, out HashSet<TabId>? asked))
                    _mayAnswer[sent.Said.Header.MessageId] = asked = [];
                asked.Add(sent.Tab);
            }
        }

        /// <summary>Requests the state has finished are finished here too; it finishes none on its own.</summary>
        private void Forget()
        {
            foreach (string id in _open.Keys.Where(id => !_room.State.Pending.ContainsKey(id)).ToList())
                _open.Remove(id);
        }

        private void Check()
        {
            KernelState state = _room.State;
            string[] ofTabs = [.. state.Pending.Values.Where(pending => pending.Tab is not null).Select(pending => pending.MessageId)];
            Assert.Equal(_open.Keys.Order(), ofTabs.Order());
            Assert.True(ofTabs.Length <= s_tight.MaxPendingPerKernel);
            Assert.True(state.Prompts.Count <= KernelState.MaxPrompts);
            Assert.True(state.Busy.Count <= KernelState.MaxBusy);
            Assert.All(state.Tabs, tab => Assert.Equal(state.Pending.Values.Count(pending => pending.Tab == tab.Key), tab.Value.OpenRequests));
            Assert.All(state.Tabs.Values, tab => Assert.True(tab.OpenRequests <= s_tight.MaxPendingPerTab));
        }
    }
}
