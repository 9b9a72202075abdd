using EventLedger.Api.Doors;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Host;

/// <summary>Takes in what operators signed: judged by the very function that validators use, appended, and in effect at this host before the answer goes out.</summary>
public sealed class ControlLog(Genesis genesis, IEventStore store, HostState state, LedgerHead head, TimeProvider clock, ILogger<ControlLog> log)
{
    /// <summary>The entry, or why there is none; complete or nothing.</summary>
    /// <param name="control">What was signed.</param>
    /// <param name="cancellation">Gives up before anything is appended.</param>
    /// <param name="last">What the entity under control has against it although the ledger rules allow it; null for nothing to ask.</param>
    public async Task<(IResult? Refusal, StoredEntry? Entry)> Enter(Control control, CancellationToken cancellation, Func<Task<IResult?>>? last = null)
    {
        if (!EventTable.Types.TryGetValue(control.Type, out var proof))
        {
            return (Refusal.Of(RejectionCode.TypeUnknown).ToResult(), null);
        }
        if (proof != Proof.Authorization)
        {
            return (Refusal.Of("host-forbidden").ToResult(), null);
        }
        var (registry, seq) = await Now(cancellation);
        var entry = new Entry(seq + 1, control.Stream, control.ExpectedVersion + 1, control.Type, Domain.Kernel.LedgerTime.From(clock.GetUtcNow()), control.Actor(registry), control.Bytes);
        if (entry.ToBytes().Length > Entry.SizeBytesMax)
        {
            return (Problems.From("entry-too-large", $"An entry has at most {Entry.SizeBytesMax} bytes."), null);
        }
        if (Authority.Judge(entry, control.Data, genesis, head.Header, ref registry) is { } code)
        {
            return (Refusal.Of(code).ToResult(), null);
        }
        if (last is not null && await last() is { } refusal)
        {
            return (refusal, null);
        }
        switch (await store.Append(new(control.Stream, control.ExpectedVersion, new(control.Type, entry.Actor, control.Bytes)), cancellation))
        {
            case AppendResult.Appended done:
                await state.FoldTo(done.LastSeq, cancellation);
                log.LogInformation("{Type} on {Stream} by {Actor} is entry {Seq}.", control.Type, control.Stream, entry.Actor, done.LastSeq);
                return (null, done.Entries[0]);
            case AppendResult.VersionConflict conflict:
                return (Problems.From("version-conflict", $"The stream stands at version {conflict.Actual}, not {control.ExpectedVersion}.", ("version", conflict.Actual)), null);
            case AppendResult.ReadOnly closed:
                return (Problems.From("read-only", closed.Reason), null);
            default:
                return (Problems.From("busy", "Nothing was written."), null);
        }
    }

    /// <summary>The state with all that was appended a moment ago: two controls may follow one another quickly.</summary>
    public async Task<HostState.Snapshot> Now(CancellationToken cancellation)
    {
        await state.FoldTo((await store.Head(cancellation)).Seq, cancellation);
        return state.Now;
    }

    /// <summary>Where an entry stands.</summary>
    public async Task<JsonObject> Describe(StoredEntry entry, CancellationToken cancellation)
    {
        var e = entry.Entry;
        var json = new JsonObject
        {
            ["seq"] = e.Seq,
            ["type"] = e.Type,
            ["stream"] = e.Stream,
            ["version"] = e.Version,
            ["time"] = e.Time.ToString(),
            ["actor"] = e.Actor,
            ["leaf"] = entry.Leaf.ToString(),
            ["status"] = "accepted",
            ["data"] = JsonNode.Parse(e.Data.Span),
        };
        if (head.IsSealed(e.Seq))
        {
            var rejected = await store.Rejections(e.Seq, e.Seq, cancellation);
            json["height"] = (await store.BlockOf(e.Seq, cancellation))?.Height;
            json["status"] = rejected.Count == 0 ? "sealed" : "rejected";
            json["code"] = rejected.Count == 0 ? null : rejected[0].Code;
        }
        return json;
    }
}
