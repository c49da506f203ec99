using System.Globalization;
using Hub.Accounts;

namespace Hub.Classes;

/// <summary>What a teacher may do beyond their roles: manage each class they teach, and while it runs reach its students and the panel that shows them.</summary>
public sealed class ClassScopes(ClassGroupsStore groups) : IScopeSource
{
    /// <summary>
    /// Held for the class' group. Of a student's account nothing can be changed by them, nor is anything of it but its name, groups and activity read. Into a
    /// student's server leads a visit alone, which the student sees.
    /// </summary>
    private static readonly string[] s_ofGroup = [Scope.ListUsers, Scope.ReadUsers, Scope.Servers, Scope.AdminUi];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ScopesOfAsync(long userId, string userName, CancellationToken cancellationToken)
    {
        IReadOnlyList<(long ClassId, string? Group)> taught = await groups.ListTaughtAsync(userId, cancellationToken);
        if (taught.Count == 0)
            return [];
        List<string> scopes = [];
        foreach ((long id, string? group) in taught)
        {
            // By the class, too, beside what self gives: so a token can be narrowed to one of several classes.
            scopes.Add(string.Create(CultureInfo.InvariantCulture, $"{Scope.Classes}!class={id}"));
            if (group is not null)
                scopes.AddRange(s_ofGroup.Select(scope => $"{scope}!group={group}"));
        }
        return scopes;
    }
}
