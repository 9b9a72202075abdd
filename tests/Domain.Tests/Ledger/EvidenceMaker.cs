using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Domain.Tests.Ledger;

/// <summary>Four validators whose keys the test holds, and what traitors among them sign.</summary>
internal sealed class EvidenceMaker
{
    private readonly SigningKey[] keys = [.. Enumerable.Range(0, 4).Select(_ => Keys.Generate(KeyPurpose.Consensus)).OrderBy(k => k.Public.Kid, StringComparer.Ordinal)];

    public EvidenceMaker()
    {
        var file = Genesis.Write("traitors", RulesChain.Start, new("localhost", [], new Dictionary<string, int>()),
            [.. keys.Select((k, i) => new GenesisValidator($"v{i + 1}", $"127.0.0.1:{i + 1}", new(k.Public, 1, new Dictionary<string, Jwk>())))],
            [new("b3BlcmF0b3Itb25lLS0tLQ", Keys.Generate(KeyPurpose.Operator).Public), new("b3BlcmF0b3ItdHdvLS0tLQ", Keys.Generate(KeyPurpose.Operator).Public)],
            [new("host", Keys.Generate(KeyPurpose.Receipt).Public, Keys.Generate(KeyPurpose.Status).Public, Keys.Generate(KeyPurpose.Transport).Public)]);
        Genesis = Genesis.TryParse(file, out var genesis) ? genesis : throw new InvalidOperationException();
    }

    public Genesis Genesis { get; }

    public string Kid(int who) => keys[who].Public.Kid;

    public SignedStatement Vote(int who, long height, long round, string step, Digest? block) =>
        new(step, round, null, block, B64.Encode(keys[who].Sign(Commit.VoteBytes(Genesis.Chain, height, round, step, block))));

    public SignedStatement Proposal(int who, long height, long round, long validRound, Digest block) =>
        new("propose", round, validRound, block, B64.Encode(keys[who].Sign(Commit.ProposalBytes(Genesis.Chain, height, round, validRound, block))));

    public Evidence Double(int who, long height, long round, string step, Digest? one, Digest? other) =>
        Evidence.Of(Genesis.Chain, Kid(who), height, Vote(who, height, round, step, one), Vote(who, height, round, step, other))!;

    public Evidence Amnesia(int who, long height, (long Round, Digest Block) first, (long Round, string Step, Digest Block) second) => new(Genesis.Chain, EvidenceKind.Amnesia, Kid(who), height,
        Vote(who, height, first.Round, "precommit", first.Block), Vote(who, height, second.Round, second.Step, second.Block));

    public EvidenceAnswer Polka(long height, long round, Digest block, params int[] who) =>
        new(round, [.. who.Order().Select(i => new KidSignature(Kid(i), Vote(i, height, round, "prevote", block).Sig))]);
}
