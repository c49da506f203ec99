using Xunit;

namespace Hub.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--port 1234", "Http:Port=1234")]
    [InlineData("--port=1234", "Http:Port=1234")]
    [InlineData("--data /srv/hub", "Hub:Data=/srv/hub")]
    [InlineData("--urls http://*:80;http://*:81", "urls=http://*:80;http://*:81")]
    [InlineData("Lab:DefaultPage=notebook", "Lab:DefaultPage=notebook")]
    [InlineData("--Lab:DefaultPage=notebook", "Lab:DefaultPage=notebook")]
    [InlineData("--Lab:DefaultPage notebook", "Lab:DefaultPage=notebook")]
    [InlineData("Kernels:Specs:r:Argv:0=R --slave", "Kernels:Specs:r:Argv:0=R --slave")]
    [InlineData("-- --port 9 --host ::1", "Http:Port=9 Http:Host=::1")]
    [InlineData("Lab:Assets=", "Lab:Assets=")]
    [InlineData("--replace --remove-kernels --port 9", "Hub:Replace=true Kernels:StopOnExit=true Http:Port=9")]
    public void Arguments_become_settings(string arguments, string settings)
    {
        // A value with a space in it is one argument; only the argument made of one word holds one here.
        string[] words = arguments.Contains("Argv", StringComparison.Ordinal) ? [arguments] : arguments.Split(' ');
        Assert.Equal(settings, string.Join(' ', CommandLine.Parse(words).Select(setting => $"{setting.Key}={setting.Value}")));
    }

    [Theory]
    [InlineData("prot=8000")]
    [InlineData("--prot=8000")]
    [InlineData("port=8000")]
    [InlineData("-p")]
    [InlineData("serve")]
    [InlineData("--port")]
    [InlineData("Lab:Assets")]
    public void A_word_nobody_knows_is_refused_by_name(string argument)
    {
        HubSettingsException refused = Assert.Throws<HubSettingsException>(() => CommandLine.Parse([argument]));
        Assert.Contains(argument, refused.Message, StringComparison.Ordinal);
    }
}
