using Xunit;

// One browser at a time: two would share two cores, and neither would keep to its five seconds.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
