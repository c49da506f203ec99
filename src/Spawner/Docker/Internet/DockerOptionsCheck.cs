using Microsoft.Extensions.Options;

namespace Spawner.Docker.Internet;

/// <summary>Annotations end at the outer record; what is inside <c>Docker:Internet</c> is looked at here.</summary>
internal sealed class DockerOptionsCheck : IValidateOptions<DockerOptions>
{
    public ValidateOptionsResult Validate(string? name, DockerOptions options) =>
        InternetPolicy.Problem(options.Internet) is { } problem ? ValidateOptionsResult.Fail(problem) : ValidateOptionsResult.Success;
}
