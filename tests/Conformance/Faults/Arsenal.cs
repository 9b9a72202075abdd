namespace EventLedger.Conformance.Faults;

/// <summary>All that can be done to a running ledger.</summary>
internal sealed class Arsenal(FaultLedger target, Random random)
{
    private const string FakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    private static readonly TimeSpan StormEvery = TimeSpan.FromMilliseconds(150);

    /// <summary>Draws one that leaves enough validators to go on sealing.</summary>
    public Fault Bearable()
    {
        var victims = Draw(target.FaultsMax);
        Func<Fault>[] kinds =
        [
            () => Kill(victims), () => Pause(victims), () => LoseDisk(victims[0]), () => Cut(victims), () => Stall(victims), () => Mute(victims), () => Deaf(victims),
            () => Slow(victims), () => Storm(victims), KillHost, KillDatabase, .. CanSetClocks ? [() => WrongClock(victims[0])] : Array.Empty<Func<Fault>>(),
        ];
        return kinds[random.Next(kinds.Length)]();
    }

    /// <summary>Draws one that takes one validator too many: nothing may be sealed, and everything must go on by itself when it ends.</summary>
    public Fault Unbearable()
    {
        var victims = Draw(target.FaultsMax + 1);
        Func<Fault>[] kinds = [() => Kill(victims), () => Pause(victims), () => Cut(victims), () => Stall(victims), () => Halves(victims)];
        return kinds[random.Next(kinds.Length)]() with { Halts = true };
    }

    /// <summary>Whether Debian's libfaketime is here: a validator's clock is set wrong by it.</summary>
    public static bool CanSetClocks => File.Exists(FakeTime);

    /// <summary>kill -9, and a start.</summary>
    public Fault Kill(params int[] victims) => new("kill", victims, Now(() => target.Ledger.KillValidators(victims)), Now(() => target.Ledger.StartValidators(victims)));

    /// <summary>SIGSTOP and SIGCONT: its connections stay open and nobody answers.</summary>
    public Fault Pause(params int[] victims) => new("pause", victims, Now(() => Each(victims, n => target.Ledger.ProcessOf(n)!.Pause())),
        Now(() => Each(victims, n => target.Ledger.ProcessOf(n)!.Resume())));

    /// <summary>Nobody reaches the victims and they reach nobody: connections are reset.</summary>
    public Fault Cut(params int[] victims) => Link("cut off", victims, (from, to) => victims.Contains(from) || victims.Contains(to), new(IsCut: true));

    /// <summary>The same, but as a black hole: connections stay open and nothing comes through.</summary>
    public Fault Stall(params int[] victims) => Link("black hole", victims, (from, to) => victims.Contains(from) || victims.Contains(to), new(IsStalled: true));

    /// <summary>The validators in two parts that cannot reach each other; the host reaches all.</summary>
    public Fault Halves(params int[] victims) => Link("halves", victims, (from, to) => from > 0 && victims.Contains(from) != victims.Contains(to), new(IsCut: true));

    /// <summary>What the victims say reaches nobody, and they hear everything.</summary>
    public Fault Mute(params int[] victims) => Link("mute", victims, (from, _) => victims.Contains(from), new(IsStalled: true));

    /// <summary>What others say does not reach the victims.</summary>
    public Fault Deaf(params int[] victims) => Link("deaf", victims, (_, to) => victims.Contains(to), new(IsStalled: true));

    /// <summary>A long and narrow line to and from the victims.</summary>
    public Fault Slow(params int[] victims) => Link("slow line", victims, (from, to) => victims.Contains(from) || victims.Contains(to),
        new(DelayMs: random.Next(50, 500), BytesPerSecond: random.Next(32, 512) << 10));

    /// <summary>Every connection of the victims is reset again and again: what loss and doubles of packets do to TLS in the end.</summary>
    public Fault Storm(params int[] victims)
    {
        var stop = new CancellationTokenSource();
        var storm = Task.CompletedTask;
        return new("reconnect storm", victims, Now(() => storm = Blow()), async () =>
        {
            await stop.CancelAsync();
            await storm;
            stop.Dispose();
        });

        async Task Blow()
        {
            while (!stop.IsCancellationRequested)
            {
                target.Links.Storm(target.Validators, (from, to) => victims.Contains(from) || victims.Contains(to));
                await Task.Delay(StormEvery, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>kill -9, and all that a validator wrote is gone, its sign guard included: a new disk with the keys from the safe.</summary>
    public Fault LoseDisk(int victim) => new("lost disk", [victim], Now(() =>
    {
        target.Ledger.KillValidators(victim);
        var folder = new DirectoryInfo(target.Ledger.ValidatorFolder(victim));
        foreach (var file in folder.EnumerateFiles().Where(file => file.Name is not ("validator.json" or "genesis.json")))
        {
            file.Delete();
        }
    }), Now(() => target.Ledger.StartValidators(victim)));

    /// <summary>A start with a clock that is half a minute off, and a start with a right one.</summary>
    public Fault WrongClock(int victim)
    {
        var seconds = random.Next(2) == 0 ? "+30s" : "-30s";
        // Only what the clock says is faked, not the time stamps of files.
        var environment = new Dictionary<string, string> { ["LD_PRELOAD"] = FakeTime, ["FAKETIME"] = seconds, ["NO_FAKE_STAT"] = "1" };
        return new($"clock {seconds}", [victim], Again(() => target.Ledger.StartValidator(victim, environment)), Again(() => target.Ledger.StartValidators(victim)));

        Func<Task> Again(Action start) => Now(() =>
        {
            target.Ledger.KillValidators(victim);
            start();
        });
    }

    /// <summary>kill -9 of the host, and a start; it counts as healed when the host says that it is ready.</summary>
    public Fault KillHost() => new("host killed", [], Now(target.Ledger.KillHost), async () =>
    {
        target.Ledger.StartHost();
        await target.Ledger.Ready();
    })
    { Halts = true };

    /// <summary>kill -9 of PostgreSQL, and a start with its recovery.</summary>
    public Fault KillDatabase() => new("database killed", [], Now(target.Ledger.Postgres.Kill), async () =>
    {
        await target.Ledger.Postgres.Start();
        await target.Ledger.Ready();
    })
    { Halts = true };

    private Fault Link(string kind, int[] victims, Func<int, int, bool> which, LinkState state) => new(kind, victims,
        Now(() => target.Links.Set(target.Validators, which, state)), Now(() => target.Links.Set(target.Validators, which, LinkState.Open)));

    private int[] Draw(int count)
    {
        var all = Enumerable.Range(1, target.Validators).ToArray();
        random.Shuffle(all);
        return [.. all.Take(count).Order()];
    }

    private static void Each(int[] victims, Action<int> act) => Array.ForEach(victims, act);

    private static Func<Task> Now(Action act) => () =>
    {
        act();
        return Task.CompletedTask;
    };
}
