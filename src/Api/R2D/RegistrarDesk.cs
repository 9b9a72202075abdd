using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.KeyVault;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Ledger.Formats;
using EventLedger.EventStore;

namespace EventLedger.Api.R2D;

/// <summary>
/// Where a registrar issues for a source without holding its key: a draft is checked like any record and shown, the registrar asserts just that, the
/// organisation's vault signs it, and it takes the way of all submissions. Between the steps nothing is kept here: the draft goes out and comes back, unless it
/// waits for a second registrar.
/// </summary>
public sealed partial class RegistrarDesk(Genesis genesis, HostState state, LedgerHead head, LedgerOptions options, AgencyVault vault, SubmissionCheck check, Intake intake, IEventStore store,
    WaitingStore waiting, StatusPlaces places, TimeProvider clock)
{
    /// <summary>How long people have to sign a draft: an hour, in milliseconds.</summary>
    private const long DraftMs = 3_600_000;

    /// <summary>How long where two people must: until tomorrow, a little less than an assertion may run, in milliseconds.</summary>
    private const long CorrectionMs = 23 * 3_600_000;

    private static readonly Refusal Foreign = new("organisation-other", "Your role as a registrar is not bound to the organisation of this source. Operators bind it: role_bound with an organisation, source_profiled with the same.");

    private static readonly Refusal SecondMissing = new("second-registrar-missing", "A correction, and whatever a browser's own key signs, takes the signatures of two registrars. Hand in both, or let it wait for "
        + "the second one: POST /r2d/v1/registrar/waiting.");

    private static Refusal Unasserted(Source source) => new("assertion-wrong", $"It must be over this very payload, with the draft's nonce and end, not be over, and be signed by you and at most one more "
        + $"registrar of {source.Profile!.Organisation}. A browser's own key counts only beside another person's passkey or CLI key.");

    /// <summary>The organisation that a person is a registrar of; null for none.</summary>
    public string? OrganisationOf(Caller caller) => state.Registry.Terms.GetValueOrDefault((caller.Id, Role.Registrar))?.Organisation;

    /// <summary>The sources for which a person may issue, each with its formats and the id of the key that would sign.</summary>
    public JsonObject Sources(Caller caller)
    {
        var (registry, seq) = state.Now;
        var organisation = OrganisationOf(caller);
        return new()
        {
            ["organisation"] = organisation,
            ["name"] = organisation is null ? null : registry.Organisations.GetValueOrDefault(organisation)?.Name,
            ["sources"] = new JsonArray([.. registry.Sources.Values.Where(s => organisation is not null && s.Profile?.Organisation == organisation).OrderBy(s => s.Iss, StringComparer.Ordinal).Select(s => new JsonObject
            {
                ["iss"] = s.Iss, ["name"] = s.Name, ["state"] = s.State.ToString().ToLowerInvariant(), ["kid"] = vault.KeyOf(organisation!, s.Iss, registry, seq + 1, head.Header.Time),
                ["formats"] = new JsonArray([.. registry.Formats.Values.Where(f => !f.Retired && f.Format.Allows(s.Iss) && f.Format.HasAssertion
                    && s.Profile!.Formats?.Contains(f.Format.Vct, StringComparer.Ordinal) != false).OrderBy(f => f.Format.Vct, StringComparer.Ordinal).Select(f => new JsonObject
                {
                    ["vct"] = f.Format.Vct, ["id"] = f.Format.Id, ["version"] = f.Format.Version, ["title"] = f.Format.Title, ["lifecycle"] = f.Format.HasLifecycle,
                })]),
            })]),
        };
    }

    /// <summary>What would be signed, and the hash that the registrar asserts it by.</summary>
    /// <param name="wish">What the source is to say.</param>
    /// <param name="caller">The registrar.</param>
    /// <param name="address">This ledger's address, below which status lists lie.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<(Refusal? Refusal, JsonObject? Draft)> Draft(RegistrarWish wish, Caller caller, string address, CancellationToken cancellation)
    {
        var (no, source, kid) = Find(wish.Source, caller);
        if (no is not null)
        {
            return (no, null);
        }
        var (payload, disclosures, refusal) = wish switch
        {
            RegistrarWish.Issue issue => await Payload(issue, source!, address, cancellation),
            RegistrarWish.Status status => (RecordRules.StatusChangePayload(source!.Iss, genesis.Chain, NewId(), Now, status.Format, status.Key, status.To, status.Reason), [], null),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (refusal is not null)
        {
            return (refusal, null);
        }
        var (nonce, exp) = (B64.Encode(RandomNumberGenerator.GetBytes(16)), Now.PlusMs(wish is RegistrarWish.Issue { Correction: not null } ? CorrectionMs : DraftMs));
        var (answer, misfit) = await Show(payload, disclosures, nonce, exp, source!, kid!, cancellation);
        return (misfit, answer);
    }

    // Held to all rules but the signatures, and shown as it would be signed.
    private async Task<(JsonObject? Draft, Refusal? Refusal)> Show(JsonObject payload, IReadOnlyList<string> disclosures, string nonce, LedgerTime exp, Source source, string kid,
        CancellationToken cancellation)
    {
        if (TrySubject(source.Iss, payload, nonce, exp) is not { } subject)
        {
            return (null, new(RejectionCode.RecordMalformed, "The fields nest too deep."));
        }
        var (submission, misfit) = check.Look(SdJwt.Unsigned(kid, payload, disclosures));
        if (submission is null)
        {
            return (null, misfit);
        }
        if (!Sidecar.Fits(disclosures))
        {
            return (null, Intake.Oversize);
        }
        var version = (await store.StreamVersions([submission.Stream], cancellation)).GetValueOrDefault(submission.Stream);
        if (submission.NeedsRecord && (await intake.Target(submission.Stream, cancellation)).Refusal is { } missing)
        {
            return (null, missing);
        }
        var summary = DraftSummary.Of(payload, disclosures, version, source, state.Registry);
        if (submission.Type == EventTable.SubmissionAccepted && version > 0)
        {
            // What it would take the place of, for whoever compares.
            summary["before"] = await Stands(submission.Stream, cancellation);
        }
        return (new()
        {
            ["payload"] = payload.DeepClone(), ["disclosures"] = new JsonArray([.. disclosures.Select(d => JsonValue.Create(d))]), ["nonce"] = nonce, ["exp"] = exp.ToString(),
            ["subject"] = subject.ToString(), ["challenge"] = B64.Encode(subject.ToArray()), ["kid"] = kid, ["type"] = submission.Type, ["stream"] = submission.Stream, ["version"] = version,
            ["summary"] = summary,
        }, null);
    }

    // The open fields of the newest record of a stream that was not rejected; null for none.
    private async Task<JsonObject?> Stands(string stream, CancellationToken cancellation)
    {
        foreach (var entry in (await store.ReadStream(stream, 1, cancellation)).Select(e => e.Entry).Where(e => e.Type == EventTable.SubmissionAccepted).Reverse())
        {
            if ((await store.Rejections(entry.Seq, entry.Seq, cancellation)).Count == 0 && entry.TryRecord(out var record, out _))
            {
                var format = state.Registry.Formats[record.Payload.GetProperty("vct").GetString()!].Format;
                return new(record.Payload.EnumerateObject().Where(m => format.Fields.ContainsKey(m.Name)).Select(m => KeyValuePair.Create(m.Name, JsonNode.Parse(m.Value.GetRawText()))));
            }
        }
        return null;
    }

    /// <summary>Has the vault sign what was drafted and asserted, and takes it in.</summary>
    /// <param name="payload">The draft's payload, without assertion.</param>
    /// <param name="disclosures">The draft's disclosures.</param>
    /// <param name="assertion"><c>{nonce, exp, signatures[]}</c>.</param>
    /// <param name="caller">The registrar who hands it in; one of those who signed.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<Outcome> Issue(JsonObject payload, IReadOnlyList<string> disclosures, JsonObject assertion, Caller caller, CancellationToken cancellation)
    {
        var (no, source, kid) = Find(Iss(payload), caller);
        if (no is not null)
        {
            return new(null, false, no);
        }
        var (submission, refusal) = Sign(payload, disclosures, assertion, source!, kid!, caller.Id);
        return submission is null ? new(null, false, refusal) : await intake.Take(submission, cancellation);
    }

    // What the vault signs after the assertion, held to every rule; one of the signatures is by the person named.
    private SubmissionCheck.Result Sign(JsonObject payload, IReadOnlyList<string> disclosures, JsonObject assertion, Source source, string kid, string? by)
    {
        var (asserted, (registry, seq)) = (With(payload, assertion), state.Now);
        if (SignedBy(asserted) is not { } keys || (by is not null && !keys.Any(k => k.Owner == by)))
        {
            return new(null, Unasserted(source));
        }
        return vault.Sign(source.Profile!.Organisation!, kid, asserted, TypeOf(asserted), registry, seq + 1, Now, head.Header.Time) is { } jwt
            ? check.Check($"{jwt}{string.Concat(disclosures.Select(d => d + "~"))}")
            : new(null, keys.Count == 1 ? SecondMissing : Unasserted(source));
    }

    private static JsonObject With(JsonObject payload, JsonObject assertion)
    {
        var asserted = (JsonObject)payload.DeepClone();
        asserted["assertion"] = assertion.DeepClone();
        return asserted;
    }

    private IReadOnlyList<KeyRecord>? SignedBy(JsonObject asserted)
    {
        var (registry, seq) = state.Now;
        var (now, previous) = (Now, head.Header.Time);
        try
        {
            using var bytes = JsonDocument.Parse(Jcs.Bytes(asserted));
            return Assertion.SignedBy(bytes.RootElement, Iss(asserted), TypeOf(asserted), registry, genesis.Chain, seq + 1, now, now > previous ? now : previous);
        }
        catch (FormatException)
        {
            // What has no canonical form was never signed.
            return null;
        }
    }

    private static string Iss(JsonObject payload) => payload["iss"] is JsonValue iss && iss.TryGetValue<string>(out var text) ? text : "";

    private static string TypeOf(JsonObject payload) =>
        payload["vct"] is JsonValue vct && vct.TryGetValue<string>(out var format) && format == RecordRules.StatusVct ? EventTable.StatusChanged : EventTable.SubmissionAccepted;

    // Fields may nest as deep as canonical JSON can; inside the command they would be too deep.
    private Digest? TrySubject(string iss, JsonObject payload, string nonce, LedgerTime exp)
    {
        try
        {
            return Assertion.Subject(genesis.Chain, iss, TypeOf(payload), payload, nonce, exp);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private LedgerTime Now => LedgerTime.From(clock.GetUtcNow());

    // The source a registrar may speak for, and the key in its vault.
    private (Refusal? Refusal, Source? Source, string? Kid) Find(string? iss, Caller caller)
    {
        var (registry, seq) = state.Now;
        if (OrganisationOf(caller) is not { } organisation)
        {
            return (Foreign, null, null);
        }
        Source[] mine = [.. registry.Sources.Values.Where(s => s.Profile?.Organisation == organisation && (iss is null || s.Iss == iss))];
        if (mine.Length != 1)
        {
            return (mine.Length == 0 ? Foreign : new("request-malformed", $"{organisation} has {mine.Length} sources; name one in \"source\"."), null, null);
        }
        return vault.KeyOf(organisation, mine[0].Iss, registry, seq + 1, head.Header.Time) is { } kid
            ? (null, mine[0], kid)
            : (new("vault-key-missing", $"The vault of {organisation} holds no valid key of {mine[0].Iss}. Whoever has it puts it in: ./ledger vault enrol --organisation {organisation} --key FILE."), null, null);
    }

    private async Task<(JsonObject Payload, List<string> Disclosures, Refusal? Refusal)> Payload(RegistrarWish.Issue wish, Source source, string address, CancellationToken cancellation)
    {
        if (!state.Registry.Formats.TryGetValue(wish.Vct, out var known))
        {
            return ([], [], Refusal.Of(RejectionCode.FormatUnknown));
        }
        var format = known.Format;
        if (!format.HasAssertion)
        {
            return ([], [], new("assertion-wrong", $"{wish.Vct} has a field named assertion, so its records have no place for a registrar's."));
        }
        if (wish.Fields.FirstOrDefault(f => RecordFormat.EnvelopeClaims.Contains(f.Key) || f.Key == "assertion" || (f.Key == "correction" && format.HasCorrection)) is { Key: { } reserved })
        {
            return ([], [], new("request-malformed", $"'{reserved}' is a claim of the ledger, not a field."));
        }
        var payload = new JsonObject { ["iss"] = source.Iss, ["vct"] = wish.Vct, ["ledger"] = genesis.Chain, ["jti"] = NewId(), ["iat"] = Now.UnixMs / 1000 };
        if (wish.Expires is { } expires)
        {
            payload["exp"] = expires;
        }
        if (wish.Correction is { } correction)
        {
            if (!format.HasCorrection)
            {
                return ([], [], new("request-malformed", $"{wish.Vct} has a field named correction, so its records have no place for the reason of one."));
            }
            if (correction.Length is 0 or > Assertion.ReasonLengthMax)
            {
                return ([], [], new("request-malformed", $"The reason of a correction has 1 to {Assertion.ReasonLengthMax} characters."));
            }
            payload["correction"] = correction;
        }
        if (wish.Subject is { } subject)
        {
            payload["sub"] = subject;
        }
        if (format.HasLifecycle)
        {
            var (list, index) = await places.Draw(source.Iss, random: null, cancellation);
            payload["status"] = new JsonObject
            {
                ["status_list"] = new JsonObject { ["idx"] = index, ["uri"] = (options.BaseUrl ?? address) + EventTable.StatusListPath(source.Iss, list) },
            };
        }
        var disclosures = new List<string>();
        foreach (var (name, value) in wish.Fields)
        {
            if (value is not null && format.IsClassified(name))
            {
                disclosures.Add(SdJwt.Disclosure(RandomNumberGenerator.GetBytes(16), name, value));
            }
            else if (value is not null)
            {
                payload[name] = value.DeepClone();
            }
        }
        SdJwt.Hide(payload, disclosures);
        return (payload, disclosures, null);
    }

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
