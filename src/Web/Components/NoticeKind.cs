namespace Web.Components;

/// <summary>How a notice is meant, which decides its colour and how urgently a screen reader says it.</summary>
public enum NoticeKind
{
    Good,
    Plain,
    Bad,
}
