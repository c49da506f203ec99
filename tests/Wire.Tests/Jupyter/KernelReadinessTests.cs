using Wire.Jupyter;
using Xunit;

namespace Wire.Tests.Jupyter;

public sealed class KernelReadinessTests
{
    [Fact]
    public void A_late_answer_to_an_earlier_wait_makes_no_later_one_ready()
    {
        KernelReadiness readiness = new();
        var before = readiness.Open();
        var asked = readiness.NextMessageId();
        readiness.Close(before);

        var probe = readiness.Open();
        Assert.True(readiness.Absorb(Welcome()));
        Assert.True(readiness.Absorb(Answer(asked)));
        Assert.False(probe.Ready.IsCompleted);
        Assert.Equal("it publishes on iopub but did not answer kernel_info_request on shell or control", probe.Missing);

        Assert.True(readiness.Absorb(Answer(readiness.NextMessageId())));
        Assert.True(probe.Ready.IsCompletedSuccessfully);
    }

    [Fact]
    public void What_others_asked_and_hear_is_passed_on_and_counts_as_output()
    {
        KernelReadiness readiness = new();
        var probe = readiness.Open();
        Assert.True(readiness.Absorb(Answer(readiness.NextMessageId())));
        Assert.False(readiness.Absorb(Answer("somebody else's")));
        Assert.False(probe.Ready.IsCompleted);
        Assert.False(readiness.Absorb(Messages.Make(KernelChannel.IOPub, header: """{"msg_id":"s","msg_type":"status"}""")));
        Assert.True(probe.Ready.IsCompletedSuccessfully);
    }

    private static KernelMessage Welcome() => Messages.Make(KernelChannel.IOPub, header: """{"msg_id":"w","msg_type":"iopub_welcome"}""");

    private static KernelMessage Answer(string question) =>
        Messages.Make(KernelChannel.Shell, header: """{"msg_id":"a","msg_type":"kernel_info_reply"}""", parent: $$"""{"msg_id":"{{question}}","msg_type":"kernel_info_request"}""");
}
