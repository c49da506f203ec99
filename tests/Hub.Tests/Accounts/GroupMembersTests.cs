using System.Text;
using Hub.Accounts;
using Xunit;

namespace Hub.Tests.Accounts;

/// <summary>Who comes and goes in what is remembered of a group stands where the database would have put them.</summary>
public sealed class GroupMembersTests
{
    /// <summary>The third begins with U+10428, which UTF-16 puts before the second's U+FB1E.</summary>
    private static readonly string[] s_names = ["ada", "\uFB1Ea", "\U00010428b", "ada.l", "bo", "zoë", "zo"];

    [Fact]
    public void Names_are_in_the_order_of_their_bytes_whoever_comes_when()
    {
        string[] sorted = [.. s_names.OrderBy(name => Convert.ToHexString(Encoding.UTF8.GetBytes(name)), StringComparer.Ordinal)];
        for (int first = 0; first < s_names.Length; first++)
        {
            IReadOnlyList<string> members = [];
            for (int i = 0; i < s_names.Length; i++)
                members = GroupMembers.With(members, [s_names[(first + i) % s_names.Length]]);
            Assert.Equal(sorted, members);
            Assert.Equal(sorted, GroupMembers.With(members, s_names));
        }
    }

    [Fact]
    public void Who_goes_is_not_there_and_all_others_are()
    {
        IReadOnlyList<string> members = GroupMembers.With([], s_names);
        foreach (string name in s_names)
        {
            IReadOnlyList<string> left = GroupMembers.Without(members, [name, "nobody"]);
            Assert.Equal(members.Where(one => one != name), left);
            Assert.False(GroupMembers.Contains(left, name));
            Assert.True(GroupMembers.Contains(members, name));
        }
    }
}
