namespace Spawner.Posix;

/// <summary>Who the hub itself is to the operating system.</summary>
internal static class HubUser
{
    public static int UserId { get; } = (int)Libc.EffectiveUser();

    public static int GroupId { get; } = (int)Libc.EffectiveGroup();

    public static bool IsRoot => UserId == 0;
}
