using Hub.Journal;
using Hub.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Testing;

namespace Hub.Tests.Journal;

/// <summary>Journals in a directory of their own, which a test may open again as often as it likes.</summary>
internal sealed class TemporaryJournals(JournalOptions? options = null) : IAsyncDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("hub-journal-");
    private JournalStore? _store;

    public ManualTime Time { get; } = new();

    public JournalOptions Options { get; } = options ?? new();

    public string Root => Path.Combine(_data.FullName, "journal");

    public JournalStore Store => _store ??= new JournalStore(Microsoft.Extensions.Options.Options.Create(Options), new DataLayout(_data.FullName), Time, NullLogger<JournalStore>.Instance);

    public KernelJournal Open(string id = "k") => Store.Open(id);

    public FileInfo[] Segments(string id = "k") => [.. new DirectoryInfo(Path.Combine(Root, id)).EnumerateFiles("*.seg").OrderBy(file => file.Name)];

    public FileInfo[] Blobs(string id = "k") => Directory.Exists(Path.Combine(Root, id, "blobs")) ? new DirectoryInfo(Path.Combine(Root, id, "blobs")).GetFiles() : [];

    /// <summary>As when the hub ends in order.</summary>
    public async Task CloseAsync()
    {
        if (_store is { } store)
            await store.DisposeAsync();
        _store = null;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _data.Delete(recursive: true);
    }
}
