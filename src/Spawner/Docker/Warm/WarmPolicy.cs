namespace Spawner.Docker.Warm;

/// <summary>What the pool does next (pure): first away with what nobody wants, then one of what is missing most.</summary>
internal static class WarmPolicy
{
    /// <summary>A slot to be removed: its kind is no longer wanted, its image was replaced, or there are more than wanted. Null when all are.</summary>
    /// <param name="wishes">What is wanted.</param>
    /// <param name="slots">What is there, the oldest first.</param>
    public static string? Surplus(IReadOnlyList<WarmWish> wishes, IReadOnlyList<(string Id, string Shape, string ImageId)> slots) =>
        slots.GroupBy(slot => (slot.Shape, slot.ImageId))
            .SelectMany(kind => kind.Skip(wishes.Where(wish => (wish.Shape, wish.ImageId) == kind.Key).Sum(wish => wish.Count)))
            .Select(slot => slot.Id)
            .FirstOrDefault();

    /// <summary>The wish of which the greatest part is missing; null when nothing is, or nothing can be made now.</summary>
    public static WarmWish? Missing(IReadOnlyList<WarmWish> wishes, IReadOnlyList<(string Id, string Shape, string ImageId)> slots) =>
        wishes.Where(wish => wish.MayMake)
            .Select(wish => (Wish: wish, There: slots.Count(slot => (slot.Shape, slot.ImageId) == (wish.Shape, wish.ImageId))))
            .Where(one => one.There < one.Wish.Count)
            .OrderBy(one => (double)one.There / one.Wish.Count)
            .Select(one => one.Wish)
            .FirstOrDefault();
}
