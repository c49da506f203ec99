using FsCheck;
using FsCheck.Fluent;
using Hub.Journal.Recording;
using Xunit;

namespace Hub.Tests.Journal.Recording;

/// <summary>
/// However the feed of a recorder and the hub's own subscription are interleaved, wherever each begins, and whenever the recorder dies or is too slow: what
/// is passed on is one row without a double, and a hole in it is never hidden.
/// </summary>
public sealed class SpliceStateProperties
{
    /// <summary>Most messages that wait or are remembered; small, so that the limit is met.</summary>
    private const int MaxWaiting = 8;

    [Fact]
    public void What_is_passed_on_is_whole_or_the_gap_is_said() =>
        Prop.ForAll(Gen.Choose(0, 9_999).ListOf().Resize(80).ToArbitrary(), steps => new Model([.. steps]).Play()).Check(
            Config.QuickThrowOnFailure.WithMaxTest(2_000));

    /// <summary>A kernel says m0, m1, …; either side hears it from some message on, in order.</summary>
    private sealed class Model
    {
        private readonly SpliceState<string> _state = new(id => id, MaxWaiting);
        private readonly int[] _steps;
        private readonly int _fedFrom;
        private readonly int _heardFrom;
        private readonly List<int> _passed = [];
        private int _fed;
        private int _heard;
        private bool _ended;
        private bool _isLive;
        private bool _hasGap;

        public Model(ReadOnlySpan<int> steps)
        {
            // The recorder was there before the hub; the hub's own subscription begins with it or later.
            _fedFrom = steps.Length > 0 ? steps[0] % 5 : 0;
            _heardFrom = _fedFrom + (steps.Length > 1 ? steps[1] % 12 : 0);
            (_fed, _heard) = (_fedFrom, _heardFrom);
            _steps = steps[Math.Min(2, steps.Length)..].ToArray();
        }

        public bool Play()
        {
            foreach (int step in _steps)
            {
                Step(step);
                Check();
            }

            // The kernel says no more; both hear all of it.
            int said = Math.Max(_fed, _heard);
            while (_heard < said)
                Pass(_state.Heard($"m{_heard++}"));
            while (!_state.IsLive && !_ended && _fed < said)
                Pass(_state.Fed($"m{_fed++}"));
            Check();
            Whole(said);
            return true;
        }

        private void Step(int step)
        {
            int happens = step % 32;
            if (happens == 31)
            {
                _ended = true;
                Pass(_state.FeedEnded(complete: false));
            }
            else if (happens % 2 == 0)
            {
                Pass(_state.Heard($"m{_heard++}"));
            }
            else if (!_ended)
            {
                // A closed feed that had something on its way changes nothing.
                Pass(_state.Fed($"m{_fed++}"));
            }
        }

        private void Pass(IReadOnlyList<string> messages) => _passed.AddRange(messages.Select(message => int.Parse(message.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)));

        /// <summary>What holds after each step.</summary>
        private void Check()
        {
            Assert.True(_state.IsLive || !_isLive, "live once, live for ever");
            Assert.True(_state.HasGap || !_hasGap, "a gap that was is never taken back");
            (_isLive, _hasGap) = (_state.IsLive, _state.HasGap);
            if (!_hasGap)
            {
                Assert.Equal(_passed.Distinct().Order(), _passed);
                Assert.Equal(Enumerable.Range(_passed.FirstOrDefault(), _passed.Count), _passed);
            }

            // What is held back is bounded.
            int next = _passed.Count == 0 ? _heardFrom : Math.Max(_heardFrom, _passed[^1] + 1);
            Assert.True(_isLive || _heard - next <= MaxWaiting, "more is held back than the limit allows");
        }

        /// <summary>What holds in the end: all of it, unless a gap was said; and even then each message that was heard after it.</summary>
        private void Whole(int said)
        {
            if (!_hasGap)
            {
                int from = _fed > _fedFrom ? _fedFrom : _heardFrom;
                Assert.Equal(Enumerable.Range(from, _passed.Count), _passed);
                Assert.True(_passed.Count == 0 ? said == from || !_isLive : _passed[^1] == said - 1, "all that was said is passed on");
                return;
            }

            if (_passed.Count > 0 && _heard > _heardFrom)
                Assert.Equal(_heard - 1, _passed[^1]);
        }
    }
}
