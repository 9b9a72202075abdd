using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Ledger.Formats;
using EventLedger.EventStore;

namespace EventLedger.Tests.Shared;

/// <summary>
/// A chain whose four validators are keys in this process: entries are appended as a host would, judged by the real ledger rules and sealed with real
/// signatures, at once and without a network.
/// </summary>
public sealed class TestChain : IDisposable
{
    private static readonly string[] ValidatorPurposes = [KeyPurpose.Consensus, KeyPurpose.Checkpoint, KeyPurpose.Receipt, KeyPurpose.Status, KeyPurpose.Transport];
    private static readonly string[] HostPurposes = [KeyPurpose.Receipt, KeyPurpose.Status, KeyPurpose.Transport];

    private readonly Dictionary<string, SigningKey>[] validators = [.. Enumerable.Range(0, 4).Select(_ => ValidatorPurposes.ToDictionary(p => p, NewKey))];
    private readonly SigningKey[] operators = [NewKey(KeyPurpose.Operator), NewKey(KeyPurpose.Operator)];
    private readonly Dictionary<string, SigningKey> host = HostPurposes.ToDictionary(p => p, NewKey);
    private readonly LedgerState state;
    private readonly Dictionary<long, StoredEntry> entries = [];

    /// <param name="origins">Where the portal is said to be, for passkeys.</param>
    public TestChain(params string[] origins)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("eventledger-chain-").FullName;
        var file = Genesis.Write("test", LedgerTime.From(DateTimeOffset.UtcNow), new("localhost", origins, new Dictionary<string, int>()),
            [.. validators.Select((k, i) => new GenesisValidator($"Validator {i + 1}", $"127.0.0.1:{i + 1}", new(k[KeyPurpose.Consensus].Public, 1,
                k.Where(p => p.Key != KeyPurpose.Consensus).ToDictionary(p => p.Key, p => p.Value.Public))))],
            [.. operators.Select((o, i) => new GenesisOperator($"operator-{i}", o.Public))],
            [new("host", host[KeyPurpose.Receipt].Public, host[KeyPurpose.Status].Public, host[KeyPurpose.Transport].Public)]);
        Chain = Genesis.TryParse(file, out var genesis) ? genesis : throw new InvalidOperationException("The genesis file is not one.");
        state = new(Chain);
        File.WriteAllBytes(Path.Combine(Directory, "genesis.json"), file);
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, "host"));
        foreach (var (purpose, key) in host)
        {
            File.WriteAllBytes(Path.Combine(Directory, "host", $"{purpose}.json"), key.ToFile());
        }
    }

    /// <summary>A data directory with genesis and host keys.</summary>
    public string Directory { get; }

    public Genesis Chain { get; }

    public static SigningKey NewKey(string purpose) => SigningKey.From(purpose, ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>The genesis entry, which a store must hold before anything else.</summary>
    public Task Begin(IEventStore store) => store.Restore([new(Chain.Entry.ToBytes(), default, [])], default);

    /// <summary>Admits a source with its key.</summary>
    public async Task Admit(IEventStore store, SigningKey key, string iss, string name) => await Control(store, EventTable.SourceApproved, EventTable.SourceStream(iss),
        new() { ["request"] = SourceRequest.Create(key, iss, name, Chain.Chain, Now) });

    /// <summary>Registers a format from its definition.</summary>
    public async Task Register(IEventStore store, JsonObject format) =>
        await Control(store, EventTable.FormatRegistered, EventTable.FormatStream(format["id"]!.GetValue<string>()), new() { ["format"] = format.DeepClone() });

    /// <summary>Binds a person's key to a role.</summary>
    public Task Bind(IEventStore store, string pseudonym, JsonElement jwk, string kind, string role) => Control(store, EventTable.RoleBound, EventTable.RoleStream(pseudonym),
        new() { ["jwk"] = JsonNode.Parse(jwk.GetRawText()), ["kind"] = kind, ["pseudonym"] = pseudonym, ["role"] = role });

    /// <summary>Appends a record as a host does.</summary>
    public static async Task<long> Submit(IEventStore store, string record, RecordFormat format)
    {
        if (!SdJwt.TryParse(record, out var parsed, out var problem))
        {
            throw new InvalidOperationException(problem);
        }
        var data = new JsonObject { ["record"] = parsed.Jwt };
        var sidecar = parsed.Disclosures.Count == 0 ? [] : RandomNumberGenerator.GetBytes(64);
        if (sidecar.Length > 0)
        {
            data["sidecar"] = Digest.Of(sidecar).ToString();
        }
        return await Append(store, EventTable.SubmissionAccepted, format.StreamOf(parsed.Payload)!, parsed.Payload.GetProperty("iss").GetString()!, data, sidecar);
    }

    /// <summary>Appends a change of status.</summary>
    public Task<long> Change(IEventStore store, SigningKey key, string iss, string format, JsonArray keys, string change, string? reason)
    {
        using var values = JsonDocument.Parse(keys.ToJsonString());
        var signed = RecordRules.CreateStatusChange(key, iss, Chain.Chain, Guid.NewGuid().ToString("n"), Now, format, keys, change, reason);
        return Append(store, EventTable.StatusChanged, RecordRules.StreamOf(iss, format, values.RootElement), iss, new() { ["record"] = signed.TrimEnd('~') }, []);
    }

    /// <summary>Seals everything that waits, or a heartbeat; gives the new header with its commit.</summary>
    public async Task<(BlockHeader Header, Commit Commit)> Seal(IEventStore store)
    {
        var waiting = await store.ReadAll(state.Head.Size + 1, 4096, default);
        var time = LedgerTime.From(DateTimeOffset.UtcNow);
        time = time > state.Head.Time ? time : state.Head.Time.PlusMs(1);
        var verdict = state.Check([.. waiting.Select(e => CheckedEntry.TryRead(e.Bytes, kid => state.Registry.Keys.GetValueOrDefault(kid)?.Jwk)!)], time);
        var tree = await store.Frontier(state.Head.Size, default);
        foreach (var entry in waiting)
        {
            tree.Append(entry.Leaf);
            entries[entry.Entry.Seq] = entry;
        }
        var header = new BlockHeader(Chain.Chain, state.Head.Height + 1, state.Head.Hash, time, state.Head.Size + 1, state.Head.Size + waiting.Count, tree.Root(),
            BlockHeader.ResultsOf(state.Head.Results, verdict.Rejected), Digest.Zero, Chain.Set.Hash, Chain.Set.Hash, validators[0][KeyPurpose.Consensus].Public.Kid);
        var vote = Commit.VoteBytes(Chain.Chain, header.Height, 0, "precommit", header.Hash);
        // One validator is away, as one always may be.
        var commit = new Commit(header.Height, 0, header.Hash, Signed(validators.Take(3).Select(v => v[KeyPurpose.Consensus]), vote));
        await store.StoreBlock(new(header.Height, header.First, header.Size, time, header.ToBytes(), commit.ToBytes(),
            [.. verdict.Rejected.Select(r => new RejectedEntry(r.Seq, r.Code))]), default);
        state.Apply(header, verdict);
        return (header, commit);
    }

    /// <summary>What each of the validators signs about a record's status.</summary>
    public IReadOnlyList<(StatusStatement Statement, KidSignature Signature)> StatusOf(long seq, long height)
    {
        if (!entries.TryGetValue(seq, out var stored))
        {
            return [];
        }
        return stored.Entry.TryRecord(out var record, out _)
            && state.StatusOf(stored.Entry, stored.Leaf, record, height) is { } statement
                ? [.. Signed(validators.Select(v => v[KeyPurpose.Status]), statement.ToBytes()).Select(s => (statement, s))]
                : [];
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    public static LedgerTime Now => LedgerTime.From(DateTimeOffset.UtcNow);

    private async Task Control(IEventStore store, string type, string stream, JsonObject data)
    {
        var version = (await store.StreamVersions([stream], default)).GetValueOrDefault(stream);
        var (nonce, exp) = (B64.Encode(RandomNumberGenerator.GetBytes(16)), Now.PlusMs(3_600_000));
        var subject = Authorization.Subject(Chain.Chain, stream, type, data, version, nonce, exp);
        data["authorization"] = Authorization.Create(nonce, exp, Authorization.Sign(operators[0], subject));
        await Append(store, type, stream, "operator-0", data, []);
    }

    private static async Task<long> Append(IEventStore store, string type, string stream, string actor, JsonObject data, byte[] sidecar)
    {
        var version = (await store.StreamVersions([stream], default)).GetValueOrDefault(stream);
        var result = await store.Append(new(stream, version, new NewEvent(type, actor, Jcs.Bytes(data), sidecar)), default);
        return result is AppendResult.Appended done ? done.FirstSeq : throw new InvalidOperationException($"Not appended: {result}");
    }

    private static List<KidSignature> Signed(IEnumerable<SigningKey> keys, byte[] message) =>
        [.. keys.Select(k => new KidSignature(k.Public.Kid, B64.Encode(k.Sign(message)))).OrderBy(s => s.Kid, StringComparer.Ordinal)];
}
