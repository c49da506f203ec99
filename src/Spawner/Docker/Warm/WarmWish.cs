namespace Spawner.Docker.Warm;

/// <summary>How many containers are to be ready of one kind.</summary>
/// <param name="Shape">See <see cref="WarmPlan.ShapeOf"/>.</param>
/// <param name="ImageId">Of what the image's name means now.</param>
/// <param name="Count">How many.</param>
/// <param name="MayMake">False for a while after one could not be made.</param>
internal sealed record WarmWish(string Shape, string ImageId, int Count, bool MayMake);
