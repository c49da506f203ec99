using Wire.Jupyter;
using Xunit;

namespace Wire.Tests.Jupyter;

public sealed class MessageTypesTests
{
    [Theory]
    [InlineData(KernelChannel.Shell, "execute_request", MessageDirection.ToKernel)]
    [InlineData(KernelChannel.Control, "execute_request", MessageDirection.ToKernel)]
    [InlineData(KernelChannel.Control, "interrupt_request", MessageDirection.ToKernel)]
    [InlineData(KernelChannel.Shell, "interrupt_request", MessageDirection.None)]
    [InlineData(KernelChannel.Shell, "comm_msg", MessageDirection.ToKernel)]
    [InlineData(KernelChannel.IOPub, "comm_msg", MessageDirection.FromKernel)]
    [InlineData(KernelChannel.IOPub, "shutdown_reply", MessageDirection.FromKernel)]
    [InlineData(KernelChannel.Stdin, "input_request", MessageDirection.FromKernel)]
    [InlineData(KernelChannel.Stdin, "input_reply", MessageDirection.ToKernel)]
    [InlineData(KernelChannel.IOPub, "input_reply", MessageDirection.None)]
    [InlineData(KernelChannel.Shell, "never_heard_request", MessageDirection.None)]
    public void A_type_travels_where_the_spec_says(KernelChannel channel, string type, MessageDirection expected) =>
        Assert.Equal(expected, MessageTypes.DirectionOf(channel, type));

    [Fact]
    public void Every_constant_is_in_the_table_and_costs_no_allocation_to_read()
    {
        var constants = typeof(MessageTypes).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!).ToList();
        Assert.Equal(constants.Order(), MessageTypes.All.Order());
        Assert.All(constants, type =>
        {
            Assert.True(MessageTypes.IsKnown(type));
            var header = MessageHeader.Parse(Messages.Utf8($$"""{"msg_type":"{{type}}"}"""));
            Assert.Same(MessageTypes.All.Single(each => each == type), header.MessageType);
        });
    }

    [Fact]
    public void Channels_are_spelled_as_on_the_wire()
    {
        foreach (var channel in Enum.GetValues<KernelChannel>())
        {
            Assert.True(KernelChannels.TryParse(Messages.Utf8(channel.WireName()).Span, out var read));
            Assert.Equal(channel, read);
        }

        Assert.False(KernelChannels.TryParse("Shell"u8, out _));
    }
}
