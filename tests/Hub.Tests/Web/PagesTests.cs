using System.Text.RegularExpressions;
using global::Web.Pages;
using Xunit;

namespace Hub.Tests.Web;

public sealed partial class PagesTests
{
    public static TheoryData<string> Pages => [.. SamplePages.All.Keys];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_form_that_posts_carries_the_xsrf_token(string name)
    {
        string html = await DrawAsync(name);
        foreach (Match form in Form().Matches(html))
        {
            Assert.Contains("method=\"post\"", form.Value, StringComparison.Ordinal);
            Assert.Contains($"name=\"_xsrf\" value=\"{SamplePages.Xsrf}\"", form.Value, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task What_people_wrote_stays_text(string name)
    {
        string html = await DrawAsync(name);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\"' onload", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task No_page_needs_a_script_or_a_style_of_its_own(string name)
    {
        string html = await DrawAsync(name);
        Assert.DoesNotMatch(InlineCode(), html);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_field_has_a_label_and_every_page_its_landmarks(string name)
    {
        string html = await DrawAsync(name);
        foreach (Match field in VisibleField().Matches(html))
            Assert.Contains($"<label for=\"{Id().Match(field.Value).Groups[1].Value}\"", html, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(html, "<main id=\"main\""));
        Assert.Single(Regex.Matches(html, "<h1"));
        Assert.Contains("<html lang=\"en\">", html, StringComparison.Ordinal);
        Assert.Contains("href=\"#main\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_sign_in_is_announced_and_keeps_the_name()
    {
        string html = await DrawnPage.DrawAsync<LoginPage>(new LoginView(new PageFrame("x"), "/hub/login?next=%2Fuser%2Fada", "ada", "Wrong name or password."));
        Assert.Contains("role=\"alert\">Wrong name or password.<", html, StringComparison.Ordinal);
        Assert.Contains("action=\"/hub/login?next=%2Fuser%2Fada\"", html, StringComparison.Ordinal);
        Assert.Matches("<input id=\"username\" name=\"username\"[^>]* value=\"ada\"[^>]* autocomplete=\"username\"", html);
        Assert.Matches("<input id=\"password\" name=\"password\" type=\"password\"[^>]* autofocus", html);
    }

    [Fact]
    public async Task A_page_for_nobody_has_no_personal_links()
    {
        string html = await DrawnPage.DrawAsync<LoginPage>(new LoginView(new PageFrame("x"), "/hub/login"));
        Assert.DoesNotContain("/hub/token", html, StringComparison.Ordinal);
        Assert.DoesNotContain("/hub/logout", html, StringComparison.Ordinal);
        Assert.DoesNotContain("role=\"alert\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_link_of_the_frame_is_below_the_base_path()
    {
        string html = await DrawAsync("home");
        Assert.Contains("href=\"/base/hub/logout\"", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/base/static/hub/", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("(href|src)=\"/(hub|static)/", html);
    }

    [Fact]
    public async Task A_start_of_unknown_length_shows_a_bar_without_a_value()
    {
        string html = await DrawnPage.DrawAsync<StartingPage>(new StartingView(SamplePages.Frame, "your server", "Fetching.", null, "/hub/again"));
        Assert.Contains("<progress max=\"100\" aria-labelledby", html, StringComparison.Ordinal);
        Assert.Contains("content=\"2; url=/hub/again\"", html, StringComparison.Ordinal);
    }

    private static Task<string> DrawAsync(string name)
    {
        (Type page, object view) = SamplePages.All[name];
        return DrawnPage.DrawAsync(page, view);
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("<(input|select)(?![^>]* hidden|[^>]*type=\"hidden\")[^>]*>")]
    private static partial Regex VisibleField();

    [GeneratedRegex(" id=\"([^\"]*)\"")]
    private static partial Regex Id();

    [GeneratedRegex("<script|<style|\\sstyle=|\\son[a-z]+=\"|javascript:", RegexOptions.IgnoreCase)]
    private static partial Regex InlineCode();
}
