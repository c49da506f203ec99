namespace Wire.Yjs;

/// <summary>The numbers of the clients, each with a small place by which structs name it: a struct takes less room, and finding its client no search.</summary>
internal sealed class ClientTable(int maxClients)
{
    private readonly Dictionary<long, int> _places = [];
    private readonly List<long> _numbers = [];
    private long _lastNumber = -1;
    private int _lastPlace = -1;

    public int Count => _numbers.Count;

    public long NumberOf(int place) => _numbers[place];

    /// <summary>−1 where the client is not known.</summary>
    public int Find(long number) => _places.GetValueOrDefault(number, -1);

    /// <exception cref="YjsLimitException">There would be more than <see cref="YjsLimits.MaxClients"/>.</exception>
    public int PlaceOf(long number)
    {
        if (number == _lastNumber)
            return _lastPlace;
        if (!_places.TryGetValue(number, out int place))
        {
            if (_numbers.Count >= maxClients)
                throw new YjsLimitException(nameof(YjsLimits.MaxClients), maxClients);
            place = _numbers.Count;
            _places.Add(number, place);
            _numbers.Add(number);
        }

        (_lastNumber, _lastPlace) = (number, place);
        return place;
    }

    /// <summary>As everything on the wire is ordered: the highest number first.</summary>
    public int Compare(int left, int right) => _numbers[right].CompareTo(_numbers[left]);
}
