using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Ledger.Formats;

namespace EventLedger.Bench;

/// <summary>Makes the entries that a host would hand over: 250 bytes of data without a signature of their own, or records signed by their source.</summary>
internal sealed class EntryMaker(Genesis genesis, SigningKey person)
{
    /// <summary>Bytes of data of a finding.</summary>
    public const int PayloadBytes = 250;

    private const string Iss = "https://device.example";
    private readonly SigningKey source = Keys.Generate(KeyPurpose.Record);
    private readonly byte[] finding = Encoding.ASCII.GetBytes($$"""{"text":"{{new string('x', PayloadBytes - 11)}}"}""");
    private long seq, findings;

    private static LedgerTime Now => LedgerTime.From(DateTimeOffset.UtcNow);

    /// <summary>The genesis entry, the format and the source that the signed records are of.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Beginning()
    {
        seq = 1;
        return
        [
            genesis.Entry.ToBytes(),
            Control(EventTable.FormatRegistered, EventTable.FormatStream("reading"), new() { ["format"] = LedgerUnderTest.Format }),
            Control(EventTable.SourceApproved, EventTable.SourceStream(Iss), new() { ["request"] = SourceRequest.Create(source, Iss, "Device", genesis.Chain, Now) }),
        ];
    }

    /// <summary>Batches of findings, which need nobody's signature.</summary>
    public IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> Findings(int count, int perBatch) => Cut(perBatch, Enumerable.Range(0, count)
        .Select(_ => (ReadOnlyMemory<byte>)new Entry(++seq, EventTable.FindingStream, ++findings, EventTable.FindingRaised, Now, "host", finding).ToBytes()));

    /// <summary>Batches of records, each signed by its source: every node verifies every signature.</summary>
    public IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> Records(int count, int perBatch)
    {
        var signer = new RecordSigner(source, Iss, genesis.Chain, new("https://ledger.example"), LedgerUnderTest.Format);
        using var definition = JsonDocument.Parse(LedgerUnderTest.Format.ToJsonString());
        if (!RecordFormat.TryParse(definition.RootElement, out var format, out var problem))
        {
            throw new InvalidOperationException($"{problem}");
        }
        var (first, time) = (seq + 1, Now);
        seq += count;
        var entries = new ReadOnlyMemory<byte>[count];
        Parallel.For(0, count, i => entries[i] = Record(signer, format, first + i, time));
        return Cut(perBatch, entries);
    }

    private static ReadOnlyMemory<byte> Record(RecordSigner signer, RecordFormat format, long seq, LedgerTime time)
    {
        var fields = new JsonObject { ["device"] = "device", ["number"] = seq, ["value"] = "21.5", ["place"] = "Pier 39, north side" };
        var record = signer.Sign(fields, $"record-{seq}", time);
        if (!SdJwt.TryParse(record, out var parsed, out var problem))
        {
            throw new InvalidOperationException(problem);
        }
        return new Entry(seq, format.StreamOf(parsed.Payload)!, 1, EventTable.SubmissionAccepted, time, Iss, Jcs.Bytes(new JsonObject { ["record"] = parsed.Jwt })).ToBytes();
    }

    private byte[] Control(string type, string stream, JsonObject data)
    {
        var (nonce, exp) = (B64.Encode(RandomNumberGenerator.GetBytes(16)), Now.PlusMs(3_600_000));
        var subject = Authorization.Subject(genesis.Chain, stream, type, data, 0, nonce, exp);
        data["authorization"] = Authorization.Create(nonce, exp, Authorization.Sign(person, subject));
        return new Entry(++seq, stream, 1, type, Now, "operator-0", Jcs.Bytes(data)).ToBytes();
    }

    private static IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> Cut(int perBatch, IEnumerable<ReadOnlyMemory<byte>> entries) =>
        [.. entries.Chunk(perBatch).Select(c => (IReadOnlyList<ReadOnlyMemory<byte>>)c)];
}
