using Testing;
using Wire.Yjs;
using Xunit;

namespace Wire.Tests.Yjs;

/// <summary>
/// Replicas of ours and of npm's yjs change one document at once; updates come late, twice, in any order or not at all; then all hear of everything, and all are
/// the same. Each replica of yjs has a shadow of ours that is always told at once what it did, by which changes that fit are chosen and compared at every step.
/// </summary>
public sealed class DifferentialTests(NodeReplicas node) : IClassFixture<NodeReplicas>
{
    private const int Rounds = 60;

    [Fact]
    public void Plain_replicas_of_both_kinds_agree() => Fuzz.Run(Rounds, random => Round(random, withFormats: false));

    [Fact]
    public void Replicas_with_formats_agree() => Fuzz.Run(Rounds, random => Round(random, withFormats: true));

    private void Round(Random random, bool withFormats)
    {
        Replica[] replicas = [.. Enumerable.Range(0, random.Next(2, 6)).Select(place => new Replica(node, place, random.Next(1000) * 10 + place + 1, isNode: place % 2 == 0))];
        RandomEdits edits = new(random, withFormats);
        for (int step = random.Next(10, 120); step > 0; step--)
        {
            Replica actor = replicas[random.Next(replicas.Length)];
            if (random.Next(3) > 0)
            {
                foreach (byte[] update in actor.Change(edits, random.Next(1, 4)))
                    foreach (Replica other in replicas.Where(other => other != actor && random.Next(10) > 0))
                        other.Inbox.Add(update);
            }
            else
            {
                actor.Receive(random, replicas);
            }
        }

        // A few rounds: what tidying says after the first is heard in the next.
        for (int again = 0; again < 4; again++)
            foreach (Replica from in replicas)
                foreach (Replica to in replicas.Where(to => to != from))
                    to.Hear(from);
        foreach (Replica replica in replicas)
        {
            replica.Check();
            Assert.Equal(replicas[0].View(), replica.View());
            Assert.Equal(0, replica.Document.Waiting);
        }

        // A newcomer that is told all at once sees the same, from whichever replica, and however it is told.
        foreach (Replica replica in replicas)
        {
            YDoc fresh = new();
            fresh.ApplyUpdate(replica.Encode(null));
            Assert.Equal(replicas[0].View(), Views.Of(fresh));
            if (!replica.IsNode)
                continue;
            YDoc second = new();
            second.ApplyUpdate(YUpdates.FromVersion2(node.AskBytes("encodeV2", new() { ["id"] = replica.Id })));
            Assert.Equal(replicas[0].View(), Views.Of(second));
        }
    }
}
