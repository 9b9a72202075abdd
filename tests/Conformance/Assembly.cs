// Each test starts seven processes; side by side they would only wait for each other's processor.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
