using Hub.Storage;
using Xunit;

namespace Hub.Tests.Storage;

/// <summary>Which steps a database needs.</summary>
public sealed class MigrationPlanTests
{
    private static readonly Migration[] s_three = [Step(1), Step(2), Step(3)];

    [Theory]
    [InlineData(0, 3)]
    [InlineData(2, 1)]
    [InlineData(3, 0)]
    public void A_database_gets_the_steps_it_lacks(int version, int steps)
    {
        MigrationPlan plan = MigrationPlan.For(version, s_three);
        Assert.Null(plan.Refusal);
        Assert.Equal(s_three[^steps..], plan.Steps);
    }

    [Fact]
    public void A_newer_database_is_refused_with_both_versions_named()
    {
        MigrationPlan plan = MigrationPlan.For(5, s_three);
        Assert.Empty(plan.Steps);
        Assert.Contains("schema version 5", plan.Refusal, StringComparison.Ordinal);
        Assert.Contains("up to 3", plan.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gap_in_the_numbers_is_refused() => Assert.NotNull(MigrationPlan.For(0, [Step(1), Step(3)]).Refusal);

    [Fact]
    public void The_steps_built_in_are_numbered_without_gaps()
    {
        Assert.NotEmpty(Migration.BuiltIn);
        Assert.Null(MigrationPlan.For(0, Migration.BuiltIn).Refusal);
    }

    private static Migration Step(int version) => new(version, $"{version:0000}-step", "SELECT 1;");
}
