using Hub.Auth;
using Xunit;

namespace Hub.Tests.Auth;

/// <summary>Which passwords are taken.</summary>
public sealed class PasswordPolicyTests
{
    private static readonly AuthOptions s_options = new();

    [Theory]
    [InlineData("12345678")]
    [InlineData("a short sentence is good")]
    [InlineData("пароль-из-букв")]
    public void A_password_long_enough_is_taken(string password) => Assert.Null(PasswordPolicy.Problem(password, "ada", s_options));

    [Theory]
    [InlineData("", "Auth:MinPasswordLength")]
    [InlineData("1234567", "Auth:MinPasswordLength")]
    [InlineData("ADALOVELACE", "user name")]
    [InlineData("xxxxxxxxxxxx", "one character")]
    public void A_bad_one_is_refused_with_its_reason(string password, string reason) =>
        Assert.Contains(reason, PasswordPolicy.Problem(password, "adalovelace", s_options), StringComparison.Ordinal);

    [Fact]
    public void A_password_too_long_names_the_limit() =>
        Assert.Contains("Auth:MaxPasswordLength", PasswordPolicy.Problem(string.Concat(Enumerable.Repeat("ab", 129)), "ada", s_options), StringComparison.Ordinal);
}
