namespace Hub.Kernels;

/// <summary>One cell that somebody ran, as far as it has come.</summary>
internal sealed record Execution
{
    /// <summary>msg_id of its execute_request: the parent of everything that comes of it.</summary>
    public required string Id { get; init; }

    public required string UserName { get; init; }

    public required string ClientId { get; init; }

    /// <summary>The cell in its notebook, if the front end told it.</summary>
    public string? CellId { get; init; }

    /// <summary>SHA-256 of the code as UTF-8, in lower-case hexadecimal: enough to see whether a cell still holds what was run.</summary>
    public required string CodeHash { get; init; }

    public ExecutionPhase Phase { get; init; }

    public DateTimeOffset Asked { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>The number in brackets.</summary>
    public int? Count { get; init; }

    /// <summary>Its request in the journal.</summary>
    public long FirstSequence { get; init; }

    public bool IsOpen => Phase is ExecutionPhase.Queued or ExecutionPhase.Running;

    /// <summary>Output of an error was seen; its reply may still be missing.</summary>
    public bool HasFailed { get; init; }
}
