namespace Wire.Yjs;

/// <summary>Updates without a document: joined, cut to what somebody lacks, told apart (yjs, updates.js).</summary>
public static class YUpdates
{
    /// <summary>One update that does what all of them do.</summary>
    /// <exception cref="YjsFormatException">One of them is none.</exception>
    /// <exception cref="YjsLimitException">They are beyond a limit.</exception>
    public static byte[] Merge(IReadOnlyList<ReadOnlyMemory<byte>> updates, YjsLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(updates);
        UpdateScope scope = NewScope(limits);
        UpdateContents all = new(scope.Clients);
        foreach (ReadOnlyMemory<byte> update in updates)
            all.AddAll(UpdateContents.Read(update.Span, scope));
        return Encode(all, StateVector.Empty);
    }

    /// <summary>What of an update a replica of this state lacks; removals are always all there.</summary>
    /// <exception cref="YjsFormatException">It is none.</exception>
    /// <exception cref="YjsLimitException">It is beyond a limit.</exception>
    public static byte[] Diff(ReadOnlySpan<byte> update, StateVector known, YjsLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(known);
        return Encode(UpdateContents.Read(update, NewScope(limits)), known);
    }

    /// <summary>How far a replica would know each client that had only this; what comes after a gap does not count.</summary>
    /// <exception cref="YjsFormatException">It is none.</exception>
    public static StateVector StateOf(ReadOnlySpan<byte> update, YjsLimits? limits = null)
    {
        UpdateScope scope = NewScope(limits);
        Dictionary<long, int> clocks = [];
        foreach ((int client, List<Struct> structs) in UpdateContents.Read(update, scope).ByClient)
        {
            int end = 0;
            foreach (Struct one in structs)
                if (one.Clock <= end)
                    end = Math.Max(end, one.End);
            if (end > 0)
                clocks[scope.Clients.NumberOf(client)] = end;
        }

        return StateVector.Of(clocks);
    }

    /// <summary>An update of format V2 in format V1.</summary>
    /// <exception cref="YjsFormatException">It is none.</exception>
    /// <exception cref="YjsLimitException">It is beyond a limit.</exception>
    public static byte[] FromVersion2(ReadOnlySpan<byte> update, YjsLimits? limits = null) => VersionTwo.Convert(update, limits ?? YjsLimits.Default);

    private static UpdateScope NewScope(YjsLimits? limits)
    {
        limits ??= YjsLimits.Default;
        return new UpdateScope(limits, new ClientTable(limits.MaxClients));
    }

    private static byte[] Encode(UpdateContents contents, StateVector known)
    {
        UpdateWriter writer = new(256);
        contents.Write(writer, known);
        return writer.ToArray();
    }
}
