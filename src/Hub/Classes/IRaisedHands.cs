namespace Hub.Classes;

/// <summary>Who of a class asks for the teacher. Answered from memory: a wall of tiles asks for every student, every second.</summary>
public interface IRaisedHands
{
    /// <summary>Since when the student's hand is up; null while it is down.</summary>
    DateTimeOffset? RaisedAt(long classId, string userName);
}
