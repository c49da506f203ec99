using Hub.Accounts;
using Xunit;

namespace Hub.Tests.Accounts;

/// <summary>Which names users may have.</summary>
public sealed class UserNameTests
{
    private static readonly AccountsOptions s_options = new();

    [Theory]
    [InlineData("ada", "ada")]
    [InlineData("Ada.Lovelace@Example.org", "ada.lovelace@example.org")]
    [InlineData("Zoë", "zoë")]
    [InlineData("李雷", "李雷")]
    [InlineData("ＡＤＡ", "ada")]
    [InlineData("mary ann", "mary ann")]
    [InlineData("_svc-1_", "_svc-1_")]
    [InlineData("a+b", "a+b")]
    [InlineData("a--b-", "a--b-")]
    [InlineData("7", "7")]
    public void A_name_is_lower_cased_and_normalised(string written, string name)
    {
        Assert.True(UserName.TryParse(written, s_options, out string? parsed, out string? error), error);
        Assert.Equal(name, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ada")]
    [InlineData("ada ")]
    [InlineData("a  b")]
    [InlineData(".ada")]
    [InlineData("..")]
    [InlineData("a..b")]
    [InlineData("ada.")]
    [InlineData("-ada")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a!b")]
    [InlineData("a=b")]
    [InlineData("a,b")]
    [InlineData("a:b")]
    [InlineData("a%2fb")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\n")]
    [InlineData("a\u202Eb")]
    [InlineData("a\u200Bb")]
    [InlineData("😀")]
    public void What_could_be_mistaken_is_no_name(string written)
    {
        Assert.False(UserName.TryParse(written, s_options, out _, out string? error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Half_a_character_is_no_name()
    {
        Assert.False(UserName.TryParse("a" + (char)0xD800, s_options, out _, out string? error));
        Assert.Contains('?', error);
        Assert.Equal("a" + (char)0xD800, UserName.Normalise("a" + (char)0xD800));
    }

    [Fact]
    public void A_name_too_long_names_the_limit()
    {
        Assert.True(UserName.TryParse(new string('x', 64), s_options, out _, out _));
        Assert.False(UserName.TryParse(new string('x', 65), s_options, out _, out string? error));
        Assert.Contains("Accounts:MaxUserNameLength", error, StringComparison.Ordinal);
        // One character that normalises to eighteen.
        Assert.False(UserName.TryParse(new string('\uFDFA', 10), s_options, out _, out _));
    }
}
