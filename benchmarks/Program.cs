using EventLedger.Bench;

// Each scenario prints figures beside a floor measured in the same run: the machine cancels out, the ratio stays.
Dictionary<string, Func<Task>> scenarios = new()
{
    ["append"] = AppendScenario.Run,
    ["project"] = async () =>
    {
        await ProjectScenario.Run();
        await ProvisioningScenario.Run();
    },
    ["submit"] = EndToEndScenario.Run,
    ["latency"] = LatencyScenario.Run,
    ["hub"] = HubScenario.Run,
    ["consensus"] = ConsensusScenario.Run,
    ["query"] = QueryScenario.Run,
    ["memory"] = MemoryScenario.Run,
};
foreach (var name in args.Length > 0 ? args : [.. scenarios.Keys.Where(n => n is not ("memory" or "query"))])
{
    if (!scenarios.TryGetValue(name, out var run))
    {
        Console.Error.WriteLine($"Unknown scenario '{name}'. There are: {string.Join(", ", scenarios.Keys)}.");
        return 2;
    }
    await run();
}
return 0;
