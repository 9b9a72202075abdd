using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Domain.Tests.Ledger;

/// <summary>A chain of which only the rules are real: entries one after the other, each in a block of its own.</summary>
internal sealed class RulesChain
{
    public const string Iss = "https://licences.example";
    public static readonly LedgerTime Start = LedgerTime.Parse("2026-01-01T00:00:00.000Z");

    private readonly Dictionary<string, long> versions = new(StringComparer.Ordinal);
    private long ms;

    public RulesChain(params (string Type, int Persons)[] persons)
    {
        var file = Domain.Ledger.Genesis.Write("rules", Start, new("localhost", ["http://localhost:8080"], persons.ToDictionary(p => p.Type, p => p.Persons)),
            [new("v1", "127.0.0.1:1", new(Keys.Generate(KeyPurpose.Consensus).Public, 1, new Dictionary<string, Jwk>()))],
            [new("b3BlcmF0b3Itb25lLS0tLQ", Operators[0].Public), new("b3BlcmF0b3ItdHdvLS0tLQ", Operators[1].Public)],
            [new("host", Keys.Generate(KeyPurpose.Receipt).Public, Keys.Generate(KeyPurpose.Status).Public, Keys.Generate(KeyPurpose.Transport).Public)]);
        Genesis = Domain.Ledger.Genesis.TryParse(file, out var genesis) ? genesis : throw new InvalidOperationException();
        State = new(Genesis);
        Valid(Seal(Genesis.Entry));
    }

    /// <summary>Hears of each block before the state takes it over.</summary>
    public Action<CheckedEntry, BlockHeader, BatchVerdict>? Sealing { get; set; }

    public SigningKey[] Operators { get; } = [Keys.Generate(KeyPurpose.Operator), Keys.Generate(KeyPurpose.Operator)];

    public SigningKey Source { get; } = Keys.Generate(KeyPurpose.Record);

    public Genesis Genesis { get; }

    public LedgerState State { get; }

    public static JsonObject Format => (JsonObject)JsonNode.Parse("""
        {"id":"licence","version":1,"title":"Licence","lifecycle":true,"key":["number"],
         "schema":{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
          "properties":{"number":{"type":"string"},"holder":{"type":"string"}},"required":["number"]},
         "classification":{"number":"public","holder":"personal"}}
        """)!;

    /// <summary>A chain with one admitted source and one format.</summary>
    public static RulesChain WithSource(params (string Type, int Persons)[] persons)
    {
        var chain = new RulesChain(persons);
        chain.AdmitSource();
        return chain;
    }

    /// <summary>Registers the format and admits the source.</summary>
    public void AdmitSource()
    {
        Valid(Control(EventTable.FormatRegistered, EventTable.FormatStream("licence"), new() { ["format"] = Format }));
        Valid(Control(EventTable.SourceApproved, EventTable.SourceStream(Iss), new() { ["request"] = Request(Source) }));
    }

    public string Request(SigningKey key, string iss = Iss) => SourceRequest.Create(key, iss, "Licences", Genesis.Chain, Start);

    /// <summary>Seals one entry; its rejection code, or null when it is valid.</summary>
    public string? Seal(Entry entry)
    {
        versions[entry.Stream] = entry.Version;
        var read = CheckedEntry.TryRead(entry.ToBytes(), kid => State.Registry.Keys.GetValueOrDefault(kid)?.Jwk) ?? throw new ArgumentException("Not an entry.", nameof(entry));
        var time = Start.PlusMs(++ms);
        var verdict = State.Check([read], time);
        var header = new BlockHeader(Genesis.Chain, State.Head.Height + 1, State.Head.Hash, time, entry.Seq, entry.Seq, default, default, default, default, default, "");
        Sealing?.Invoke(read, header, verdict);
        State.Apply(header, verdict);
        return verdict.Rejected.Count == 0 ? null : verdict.Rejected[0].Code;
    }

    public string? Append(string type, string stream, string actor, JsonObject data) =>
        Seal(new(State.Head.Size + 1, stream, VersionOf(stream) + 1, type, Start.PlusMs(ms + 1), actor, Jcs.Bytes(data)));

    public long VersionOf(string stream) => versions.GetValueOrDefault(stream);

    /// <summary>An act signed by the given operators, the first of all when none is given.</summary>
    public string? Control(string type, string stream, JsonObject data, params SigningKey[] signers) => Append(type, stream,
        Genesis.Operators.FirstOrDefault(o => o.Jwk.Kid == (signers.Length > 0 ? signers[0] : Operators[0]).Public.Kid)?.Pseudonym ?? "nobody",
        Signed(type, stream, data, signers.Length > 0 ? signers : [Operators[0]]));

    /// <summary>An act under the name of a person who is not of the genesis file.</summary>
    public string? ControlAs(string actor, string type, string stream, JsonObject data, params SigningKey[] signers) =>
        Append(type, stream, actor, Signed(type, stream, data, signers));

    /// <summary>Binds a role by the first operator.</summary>
    public string? Bind(string pseudonym, SigningKey key, string role, JsonObject? terms = null)
    {
        var data = new JsonObject { ["jwk"] = key.Public.ToJson(), ["kind"] = "cli", ["pseudonym"] = pseudonym, ["role"] = role };
        foreach (var (name, value) in terms ?? [])
        {
            data[name] = value?.DeepClone();
        }
        return Control(EventTable.RoleBound, EventTable.RoleStream(pseudonym), data);
    }

    /// <summary>Registers an organisation.</summary>
    public string? Organise(string id) =>
        Control(EventTable.OrganisationRegistered, EventTable.StreamOf(EventTable.OrganisationRegistered, id), new() { ["id"] = id, ["name"] = $"The {id}" });

    public JsonObject Signed(string type, string stream, JsonObject data, params SigningKey[] signers)
    {
        const string nonce = "AAAAAAAAAAAAAAAAAAAAAA";
        var exp = Start.PlusMs(3_600_000);
        var subject = Authorization.Subject(Genesis.Chain, stream, type, data, VersionOf(stream), nonce, exp);
        var whole = (JsonObject)data.DeepClone();
        whole["authorization"] = Authorization.Create(nonce, exp, signers.Select(s => Authorization.Sign(s, subject)));
        return whole;
    }

    public string Record(string number, string jti, int index = 0, SigningKey? key = null, long? exp = null) =>
        new RecordSigner(key ?? Source, Iss, Genesis.Chain, new("http://localhost:8080"), Format).Sign(new() { ["number"] = number }, jti, Start, exp, statusIndex: index);

    public static string StreamOf(string number) => RecordRules.StreamOf(Iss, "licence", System.Text.Json.JsonSerializer.SerializeToElement<string[]>([number]));

    public string? Submit(string number, string record) => Append(EventTable.SubmissionAccepted, StreamOf(number), Iss, new() { ["record"] = record.TrimEnd('~') });

    public string? Change(string number, string jti, string change) => Append(EventTable.StatusChanged, StreamOf(number), Iss, new()
    {
        ["record"] = RecordRules.CreateStatusChange(Source, Iss, Genesis.Chain, jti, Start, "licence", new(number), change, null).TrimEnd('~'),
    });

    /// <summary>Status of the record that stands at a version of a number's stream, as of the head.</summary>
    public string? Status(string number, long version, string record)
    {
        var parsed = SdJwt.TryParse(record, out var sdJwt, out var problem) ? sdJwt : throw new ArgumentException(problem, nameof(record));
        var entry = new Entry(1, StreamOf(number), version, EventTable.SubmissionAccepted, Start, Iss, default);
        return State.StatusOf(entry, default, parsed, State.Head.Height)?.Status;
    }

    private static void Valid(string? code)
    {
        if (code is not null)
        {
            throw new InvalidOperationException(code);
        }
    }
}
