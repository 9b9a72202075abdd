using System.Globalization;
using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Web.Staff;

/// <summary>Something that needs an operator.</summary>
/// <param name="Kind"><c>bad</c> for what stands still or is lost, <c>wait</c> for what only waits.</param>
/// <param name="Text">What it is; <c>{0}</c> and so on stand for <paramref name="Values"/>.</param>
/// <param name="Values">Names and numbers.</param>
/// <param name="Act">Where to do something about it; null where there is nothing to click.</param>
/// <param name="Runbook">Name of the runbook; null for none.</param>
public sealed record Need(string Kind, string Text, IReadOnlyList<object> Values, ActLink? Act, string? Runbook);

/// <summary>How one functional entity does.</summary>
/// <param name="Name">Which.</param>
/// <param name="State"><c>ok</c>, <c>late</c> or <c>failed</c>.</param>
/// <param name="Count">Entries that it is behind.</param>
public sealed record EntityLine(string Name, string State, long Count);

/// <summary>The ledger at one moment, as an operator may see it.</summary>
public sealed record Health
{
    /// <summary>The newest block.</summary>
    public long Height { get; init; }

    /// <summary>Its time; null before the first.</summary>
    public string? Time { get; init; }

    /// <summary>Seconds since then.</summary>
    public long AgeSeconds { get; init; }

    /// <summary>Entries in the log that are sealed.</summary>
    public long Size { get; init; }

    /// <summary>Entries that wait for their seal.</summary>
    public long Queue { get; init; }

    /// <summary>How many validators may fail without harm.</summary>
    public long Tolerates { get; init; }

    /// <summary>The five entities.</summary>
    public required IReadOnlyList<EntityLine> Entities { get; init; }

    /// <summary>Validators as <c>/ledger/v1/validators</c> has them.</summary>
    public required IReadOnlyList<JsonElement> Validators { get; init; }

    /// <summary>What needs somebody, worst first.</summary>
    public required IReadOnlyList<Need> Needs { get; init; }
}

/// <summary>Gathers what an operator looks at first in the morning. Each answer that cannot be had is itself something that needs somebody.</summary>
public sealed class HealthDesk(StaffLedger ledger, TimeProvider clock)
{
    private const long LateSeconds = 120, QueueMax = 8192, LagMax = 10_000, KeyDays = 30, SkewMs = 2000, BehindMax = 8;

    private readonly List<Need> troubles = [];

    /// <summary>Looks.</summary>
    public async Task<Health> Look(CancellationToken cancellation)
    {
        troubles.Clear();
        var head = await Ask("/ledger/v1/head", cancellation);
        var validators = await Ask("/ledger/v1/validators", cancellation);
        var measures = Measures((await ledger.Get<string>("/metrics", cancellation)).Value ?? "");
        var age = LedgerTime.TryParse(head.Text("time"), out var time) ? Math.Max(0, (long)(clock.GetUtcNow() - time.Moment).TotalSeconds) : 0;
        var online = validators.Items("validators").Where(v => v.Is("online") && !v.Is("observing")).Sum(v => v.Number("power") ?? 0);
        var power = validators.Items("validators").Sum(v => v.Number("power") ?? 0);
        var queue = measures.GetValueOrDefault("eventledger_queue");
        List<Need> found = [.. await Work(cancellation), .. await Sources(cancellation), .. await Keys(cancellation), .. await Evidence(cancellation)];
        var entities = new EntityLine[]
        {
            new("representation", measures.GetValueOrDefault("eventledger_store_read_only") > 0 ? "failed" : queue > QueueMax ? "late" : "ok", queue),
            new("processing", 3 * online <= 2 * power ? "failed" : age > LateSeconds ? "late" : "ok", queue),
            Lag("provisioning", measures), new("controlling", troubles.Exists(t => ((string)t.Values[0]).StartsWith("/o2c", StringComparison.Ordinal)) ? "failed" : "ok", 0), Lag("monitoring", measures),
        };
        List<Need> needs = [.. troubles, .. Running(entities, age), .. Of(validators, head.Number("height") ?? 0), .. found];
        return new()
        {
            Height = head.Number("height") ?? 0, Time = head.Text("time"), AgeSeconds = age, Size = head.Number("size") ?? 0, Queue = queue, Tolerates = validators.Number("tolerates") ?? 0,
            Entities = entities, Validators = validators.Items("validators"), Needs = [.. needs.OrderBy(n => n.Kind == "bad" ? 0 : 1)],
        };
    }

    /// <summary>Values of gauges by name, and by name and projection: the text form of Prometheus.</summary>
    internal static Dictionary<string, long> Measures(string text)
    {
        var all = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Where(l => l.StartsWith("eventledger_", StringComparison.Ordinal)))
        {
            var (name, number) = (line[..line.IndexOfAny(['{', ' '])], line[(line.LastIndexOf(' ') + 1)..]);
            var projection = line.IndexOf("projection=\"", StringComparison.Ordinal) is > 0 and var at ? line[(at + 12)..].Split('"')[0] : null;
            if (decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                all[projection is null ? name : $"{name} {projection}"] = (long)value;
            }
        }
        return all;
    }

    // Silence is not health: what cannot be asked is shown as something that needs somebody.
    private async Task<JsonElement> Ask(string path, CancellationToken cancellation)
    {
        var reply = await ledger.Get(path, cancellation);
        if (reply.Problem is { } problem)
        {
            troubles.Add(new("bad", "{0} could not be asked: {1}", [path, problem.Detail], null, problem.Code is "internal" or "busy" or "database-unavailable" ? "database-lost" : null));
        }
        return reply.Value;
    }

    private static EntityLine Lag(string name, Dictionary<string, long> measures) =>
        measures.GetValueOrDefault($"eventledger_projection_lag {name}") is var behind && behind > LagMax ? new(name, "late", behind) : new(name, "ok", behind);

    private static IEnumerable<Need> Running(EntityLine[] entities, long age)
    {
        if (entities[0].State == "failed")
        {
            yield return new("bad", "The event store takes nothing in: it is behind the chain, or differs from it.", [], null, "store-behind-chain");
        }
        if (entities[1].State != "ok")
        {
            yield return new("bad", "Nothing was sealed for {0} seconds.", [age], new("Validators", "/staff/validators"), "validator-down");
        }
        foreach (var late in entities.Where(e => e.State == "late" && e.Name is not "processing"))
        {
            yield return new("wait", "{0} is {1} entries behind.", [late.Name, late.Count], null, null);
        }
    }

    private static IEnumerable<Need> Of(JsonElement validators, long height)
    {
        foreach (var validator in validators.Items("validators"))
        {
            var (name, behind, skew) = (validator.Text("name")!, height - (validator.Number("height") ?? height), validator.Number("skewMs") ?? 0);
            var act = new ActLink("Validators", "/staff/validators");
            if (!validator.Is("online"))
            {
                yield return new("bad", "{0} does not answer.", [name], act, "validator-down");
            }
            else if (validator.Text("problem") is { Length: > 0 } problem)
            {
                yield return new("bad", "{0} says: {1}", [name, problem], act, "validator-down");
            }
            else if (behind > BehindMax)
            {
                yield return new("wait", "{0} is {1} blocks behind.", [name, behind], act, "validator-down");
            }
            if (Math.Abs(skew) > SkewMs)
            {
                yield return new("wait", "The clock of {0} is wrong by {1} ms or more; blocks are not agreed on beyond 10 seconds.", [name, skew], act, null);
            }
        }
    }

    private async Task<IEnumerable<Need>> Work(CancellationToken cancellation)
    {
        var drafts = (await Ask("/o2c/v1/requests", cancellation)).Items("requests").Where(r => r.Text("state") == "waiting").ToList();
        var waiting = (await Ask("/o2c/v1/waiting", cancellation)).Items("waiting");
        var mine = (await Ask("/identity/v1/keys", cancellation)).Items("keys").Select(k => k.Text("kid")).ToHashSet();
        return
        [
            .. drafts.Where(d => !d.Items("signed").Any(s => mine.Contains(s.GetString()))).Select(d => new Need("wait", "{0} waits for your signature.",
                [ActForm.Of(d.Text("operation")!, d.Text("type")!)?.Title ?? d.Text("event")!], new("Look at it", $"/staff/requests/{d.Text("id")}"), null)),
            .. waiting.Select(w => new Need("wait", "{0} asks to be let in.", [w.Text("name")!],
                ActLink.To(w.Text("operation")!, w.Text("type")!, ("request", w.Text("request"))), null)),
        ];
    }

    private async Task<IEnumerable<Need>> Sources(CancellationToken cancellation)
    {
        var needs = new List<Need>();
        foreach (var source in (await Ask("/o2c/v1/sources", cancellation)).Items("sources"))
        {
            var (state, place) = (source.At("state"), $"/staff/sources/{source.Text("id")}");
            if (state.Text("state") == "suspended")
            {
                needs.Add(new("wait", "{0} is suspended.", [state.Text("name")!], new("Source", place), null));
            }
            else if (state.At("profile").Is("quarantined"))
            {
                needs.Add(new("wait", "{0} is in quarantine.", [state.Text("name")!], new("Source", place), null));
            }
            // Only a source with a schedule can be silent.
            if (state.Text("state") == "active" && state.At("profile").Number("scheduleSeconds") is { } schedule
                && LedgerTime.TryParse((await Ask($"/u2s/v1/sources/{source.Text("id")}", cancellation)).At("last").Text("time"), out var last)
                && (long)(clock.GetUtcNow() - last.Moment).TotalSeconds is var silent && silent > schedule)
            {
                needs.Add(new("bad", "{0} has sent nothing for {1} seconds; its schedule is {2}.", [state.Text("name")!, silent, schedule], new("Source", place), null));
            }
        }
        return needs;
    }

    private async Task<IEnumerable<Need>> Keys(CancellationToken cancellation) =>
        from line in KeyLine.Of(await Ask("/o2c/v1/keys", cancellation), clock.GetUtcNow())
        where line is { Ended: false, DaysLeft: <= KeyDays }
        select new Need(line.DaysLeft <= 7 ? "bad" : "wait", "The {0} key of {1} runs out in {2} days.", [line.Purpose, line.Owner, line.DaysLeft!], new("Keys", "/staff/keys?days=30"), null);

    private async Task<IEnumerable<Need>> Evidence(CancellationToken cancellation) =>
        (await Ask("/v2m/v1/evidence", cancellation)).Number("total") is > 0 and var total
            ? [new("bad", "There is evidence against validators: {0}.", [total], new("Validators", "/staff/validators"), "validator-misbehaves")]
            : [];
}
