
namespace Hub.Classes;

/// <summary>What became of an attempt to join.</summary>
/// <param name="Joined">The class; null when there is none of this code.</param>
/// <param name="NewMember">They were not in it before.</param>
/// <param name="Guest">The account made for who had none, with the sign-in begun for it.</param>
public sealed record JoinOutcome(JoinRefusal Refusal, Class? Joined, bool NewMember = false, NewGuest? Guest = null);
