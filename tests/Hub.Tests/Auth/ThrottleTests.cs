using System.Globalization;
using System.Net;
using Hub.Auth;
using Microsoft.Extensions.Options;
using Testing;
using Xunit;

namespace Hub.Tests.Auth;

/// <summary>How often somebody may try.</summary>
public sealed class ThrottleTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch;
    private static readonly IPAddress s_school = IPAddress.Parse("192.0.2.7");

    private readonly ThrottlePolicy _policy = new(3, TimeSpan.FromSeconds(30));

    [Fact]
    public void As_many_as_the_limit_may_be_tried_at_once()
    {
        ThrottlePolicy.Level level = default;
        for (int i = 0; i < 3; i++)
        {
            Assert.Null(_policy.Wait(level, s_start));
            level = _policy.Count(level, s_start);
        }
        Assert.Equal(TimeSpan.FromSeconds(10), _policy.Wait(level, s_start));
    }

    [Fact]
    public void One_attempt_leaks_away_at_a_time()
    {
        ThrottlePolicy.Level level = new(3, s_start);
        Assert.NotNull(_policy.Wait(level, s_start.AddSeconds(9.9)));
        Assert.Null(_policy.Wait(level, s_start.AddSeconds(10)));
        level = _policy.Count(level, s_start.AddSeconds(10));
        Assert.Equal(TimeSpan.FromSeconds(10), _policy.Wait(level, s_start.AddSeconds(10)));
        Assert.Equal(0, _policy.At(level, s_start.AddSeconds(40)).Attempts);
    }

    [Fact]
    public void A_clock_that_goes_back_gives_nothing_away() => Assert.NotNull(_policy.Wait(new(3, s_start), s_start.AddSeconds(-100)));

    [Fact]
    public void An_account_is_closed_for_all_addresses_and_opens_with_time()
    {
        var time = new ManualTime();
        SignInThrottle throttle = Throttle(time, new AuthOptions { AttemptsPerAccount = 2, ThrottleSeconds = 60 });
        Assert.Null(throttle.Begin("ada", s_school));
        Assert.Null(throttle.Begin("ada", IPAddress.Parse("198.51.100.1")));
        TimeSpan? wait = throttle.Begin("ada", IPAddress.Parse("203.0.113.5"));
        Assert.Equal(TimeSpan.FromSeconds(30), wait);
        Assert.Null(throttle.Begin("bob", s_school));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(throttle.Begin("ada", s_school));
    }

    [Fact]
    public void An_address_is_closed_for_all_accounts()
    {
        SignInThrottle throttle = Throttle(new ManualTime(), new AuthOptions { AttemptsPerAddress = 5 });
        for (int i = 0; i < 5; i++)
            Assert.Null(throttle.Begin(string.Create(CultureInfo.InvariantCulture, $"user-{i}"), s_school));
        Assert.NotNull(throttle.Begin("somebody-else", s_school));
        Assert.Null(throttle.Begin("somebody-else", IPAddress.Parse("192.0.2.8")));
    }

    [Fact]
    public void Who_has_one_address_of_a_network_has_them_all()
    {
        SignInThrottle throttle = Throttle(new ManualTime(), new AuthOptions { AttemptsPerAddress = 1 });
        Assert.Null(throttle.Begin("a", IPAddress.Parse("2001:db8::1")));
        Assert.NotNull(throttle.Begin("b", IPAddress.Parse("2001:db8::ffff:2")));
        Assert.Null(throttle.Begin("c", IPAddress.Parse("2001:db8:0:1::1")));
        Assert.Null(throttle.Begin("d", IPAddress.Parse("192.0.2.1")));
        Assert.NotNull(throttle.Begin("e", IPAddress.Parse("::ffff:192.0.2.1")));
    }

    [Fact]
    public void A_success_does_not_count()
    {
        SignInThrottle throttle = Throttle(new ManualTime(), new AuthOptions { AttemptsPerAccount = 1 });
        for (int i = 0; i < 50; i++)
        {
            Assert.Null(throttle.Begin("ada", s_school));
            throttle.Forgive("ada", s_school);
        }
    }

    [Fact]
    public void Memory_is_bounded_and_those_who_try_most_stay_known()
    {
        SignInThrottle throttle = Throttle(new ManualTime(), new AuthOptions { AttemptsPerAccount = 3, AttemptsPerAddress = 1_000_000, MaxThrottled = 100 });
        for (int i = 0; i < 3; i++)
            throttle.Begin("victim", s_school);
        for (int i = 0; i < 1000; i++)
            throttle.Begin(string.Create(CultureInfo.InvariantCulture, $"name-{i}"), s_school);
        Assert.InRange(throttle.Remembered, 1, 101);
        Assert.NotNull(throttle.Begin("victim", s_school));
    }

    private static SignInThrottle Throttle(TimeProvider time, AuthOptions options) => new(Options.Create(options), time);
}
