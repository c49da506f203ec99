using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Hub.Accounts;

/// <summary>Refuses at start what is no role, naming the key.</summary>
internal sealed partial class RolesCheck : IValidateOptions<RolesOptions>
{
    public ValidateOptionsResult Validate(string? name, RolesOptions options)
    {
        List<string> problems = [.. options.SelectMany(role => Problems(role.Key, role.Value))];
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(string name, RoleOptions role)
    {
        if (!RoleName().IsMatch(name))
            yield return $"{RolesOptions.Section}:{name}: a role's name has 3 to 255 lower-case letters, digits and - _ . ~, and begins with a letter.";
        if (name is Role.Admin or Role.Token or Role.Server)
            yield return $"{RolesOptions.Section}:{name}: the default role {name} cannot be changed.";
        if (name == Role.User && role.Users.Concat(role.Groups).Concat(role.Services).Any())
            yield return $"{RolesOptions.Section}:{name}: every user holds it; leave out Users, Groups and Services.";
        for (int i = 0; i < role.Scopes.Count; i++)
        {
            if (ScopeSet.Check(role.Scopes[i]) is { } problem)
                yield return $"{RolesOptions.Section}:{name}:Scopes:{i}: {problem}";
            else if (role.Scopes[i] == Scope.Inherit)
                yield return $"{RolesOptions.Section}:{name}:Scopes:{i}: {Scope.Inherit} is for tokens only.";
        }
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9\-_~.]{1,253}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex RoleName();
}
