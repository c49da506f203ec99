using Hub.Accounts;

namespace Hub.Classes;

/// <summary>
/// Who may do what with a class. Everybody holds <c>classes!user</c> by the scope <c>self</c>, and it reaches the classes that user teaches; likewise
/// <c>read:classes!user</c> those the user is in. <c>!class=</c> reaches one class, and without a filter a scope reaches all.
/// </summary>
internal static class ClassPolicy
{
    public static bool MayManage(ScopeSet scopes, Class one) => scopes.AllowsClass(Scope.Classes, one.Id, one.Teachers);

    /// <param name="member">Who asks, when they are in the class; null otherwise.</param>
    public static bool MayRead(ScopeSet scopes, Class one, string? member) =>
        scopes.AllowsClass(Scope.ReadClasses, one.Id, member is null ? one.Teachers : [.. one.Teachers, member]);

    /// <summary>Making classes takes <c>admin:classes</c>; where everybody may teach, anybody with an account and their scope on classes of their own.</summary>
    public static bool MayCreate(ScopeSet scopes, string userName, bool guest, bool anybodyMayTeach) =>
        scopes.Allows(Scope.AdminClasses) || (anybodyMayTeach && !guest && scopes.AllowsUser(Scope.Classes, userName));

    /// <summary>Letting teachers reach somebody's server without asking them is for those who administer people; see <see cref="ClassGroupsStore"/>.</summary>
    public static bool MayAgree(ScopeSet scopes) => scopes.Allows(Scope.AdminUsers);

    /// <summary>Naming other teachers, or somebody else's home as the source of materials, is for those who manage all classes.</summary>
    public static bool MayAppoint(ScopeSet scopes) => scopes.Allows(Scope.Classes);
}
