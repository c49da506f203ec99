using System.Globalization;
using System.Text;
using Hub.Accounts;
using Xunit;

namespace Hub.Tests.Architecture;

/// <summary>The table of all scopes with what each includes.</summary>
public sealed class ScopeReferenceTests
{
    private const string Head = """
        # Scopes

        Made from the program by the tests; do not edit. Spelled and meant as JupyterHub's; `read:audit` is ours. A scope may be narrowed by
        `!user=name`, `!group=name` (the members of the group, and the group itself), `!server=user/name` or `!service=name`; `!user` alone is whoever holds it.
        `self` and `inherit` stand for others: all that every user may do with what is theirs, and (in tokens) all that the owner may.
        `custom:…` scopes mean something to services only. How they become roles is in [roles](../guides/roles.md).

        | scope | lets its holder | includes |
        |---|---|---|

        """;

    [Fact]
    public void The_reference_of_scopes_is_current()
    {
        StringBuilder page = new(Head);
        foreach (string scope in Scope.Known)
        {
            IEnumerable<string> included = Scope.Expand(scope).Where(name => name != scope).Order(StringComparer.Ordinal).Select(name => $"`{name}`");
            page.Append(CultureInfo.InvariantCulture, $"| `{scope}` | {GeneratedPage.Cell(ScopeWords.Of(scope))} | {string.Join(", ", included)} |\n");
        }
        GeneratedPage.IsCurrent("scopes.md", page.ToString());
    }
}
