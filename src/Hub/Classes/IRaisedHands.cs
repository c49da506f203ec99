namespace Hub.Classes;

/// <summary>Whose hand is up in a class, for the teacher's wall; asked for everybody on it once a second, so it must be quick.</summary>
public interface IRaisedHands
{
    /// <summary>Since when the student's hand is up; null when it is not.</summary>
    DateTimeOffset? RaisedAt(long classId, string userName);
}
