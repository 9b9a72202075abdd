using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.R2D;

/// <summary>Drafts that one registrar signed and a second one is to sign: corrections, and what a browser's own key signs.</summary>
public sealed partial class RegistrarDesk
{
    private static readonly Refusal Closed = new("request-closed", "Another registrar has signed it already; it is in the log, or about to be.");

    private static readonly Refusal NoSuch = new("waiting-unknown", "No such draft waits in your organisation: its time was over, or it was thrown away.");

    /// <summary>Keeps a draft that the caller has signed, for a second registrar of the organisation.</summary>
    public async Task<(Refusal? Refusal, WaitingDraft? Draft)> Wait(JsonObject payload, IReadOnlyList<string> disclosures, JsonObject assertion, Caller caller, CancellationToken cancellation)
    {
        var (no, source, kid) = Find(Iss(payload), caller);
        if (no is not null)
        {
            return (no, null);
        }
        var asserted = (JsonObject)payload.DeepClone();
        asserted["assertion"] = assertion.DeepClone();
        if (SignedBy(asserted) is not [var key] || key.Owner != caller.Id)
        {
            return (Unasserted(source!), null);
        }
        // The signature holds, so nonce and end are there.
        var (nonce, exp) = ((string)assertion["nonce"]!, LedgerTime.Parse((string)assertion["exp"]!));
        var (shown, misfit) = await Show(payload, disclosures, nonce, exp, source!, kid!, cancellation);
        if (shown is null)
        {
            return (misfit, null);
        }
        var draft = new WaitingDraft((string)shown["challenge"]!, OrganisationOf(caller)!, Now, caller.Id, payload, disclosures, nonce, exp, (long)shown["version"]!, (JsonArray)assertion["signatures"]!.DeepClone(), null);
        await waiting.Add(draft, cancellation);
        return (null, draft);
    }

    /// <summary>A draft that waits, as it would be signed: what came of <see cref="Draft"/>, with who signed it.</summary>
    public async Task<(Refusal? Refusal, JsonObject? Draft)> Waiting(string id, Caller caller, CancellationToken cancellation)
    {
        if (await Held(id, caller, cancellation) is not { } draft)
        {
            return (NoSuch, null);
        }
        if (draft.Seq is { } seq)
        {
            return (null, new() { ["id"] = draft.Id, ["by"] = draft.By, ["since"] = draft.Since.ToString(), ["seq"] = seq });
        }
        var (no, source, kid) = Find(Iss(draft.Payload), caller);
        if (no is not null)
        {
            return (no, null);
        }
        var (shown, misfit) = await Show(draft.Payload, draft.Disclosures, draft.Nonce, draft.Exp, source!, kid!, cancellation);
        if (shown is null)
        {
            return (misfit, null);
        }
        (shown["id"], shown["by"], shown["isMine"], shown["since"], shown["seq"]) = (draft.Id, draft.By, draft.By == caller.Id, draft.Since.ToString(), null);
        shown["isStale"] = (long)shown["version"]! != draft.Version;
        return (null, shown);
    }

    /// <summary>What waits in the caller's organisation, oldest first, without what it hides.</summary>
    public async Task<JsonObject> Waiting(Caller caller, CancellationToken cancellation)
    {
        var (items, total) = OrganisationOf(caller) is { } organisation ? await waiting.List(organisation, cancellation) : ([], 0);
        var registry = state.Registry;
        return new()
        {
            ["total"] = total,
            ["items"] = new JsonArray([.. items.Where(d => registry.Sources.GetValueOrDefault(Iss(d.Payload))?.Profile?.Organisation == d.Organisation).Select(d =>
            {
                var summary = DraftSummary.Of(d.Payload, [], d.Version, registry.Sources[Iss(d.Payload)], registry);
                return new JsonObject
                {
                    ["id"] = d.Id, ["act"] = (string)summary["act"]!, ["what"] = (string)summary["what"]!, ["reason"] = (string?)summary["reason"], ["source"] = (string)summary["source"]!,
                    ["by"] = d.By, ["isMine"] = d.By == caller.Id, ["since"] = d.Since.ToString(), ["exp"] = d.Exp.ToString(),
                };
            })]),
        };
    }

    /// <summary>Adds the second registrar's signature, has the vault sign, and takes it in. The same again gives the same entry.</summary>
    public async Task<Outcome> Countersign(string id, JsonNode signature, Caller caller, CancellationToken cancellation)
    {
        if (await Held(id, caller, cancellation) is not { } draft)
        {
            return new(null, false, NoSuch);
        }
        if (draft.Seq is { } done)
        {
            return new((await store.ReadAll(done, 1, cancellation))[0], true, null);
        }
        var assertion = draft.Assertion();
        if (draft.Signatures.Count == 1)
        {
            if (draft.By == caller.Id)
            {
                return new(null, false, new("signature-known", "You have signed it already; another registrar of your organisation signs it too."));
            }
            assertion = draft.Assertion(signature);
            var asserted = (JsonObject)draft.Payload.DeepClone();
            asserted["assertion"] = assertion.DeepClone();
            if (SignedBy(asserted) is not [_, var second] || second.Owner != caller.Id)
            {
                return new(null, false, Unasserted(state.Registry.Sources[Iss(draft.Payload)]));
            }
            var (no, source, kid) = Find(Iss(draft.Payload), caller);
            var (shown, misfit) = no is null ? await Show(draft.Payload, draft.Disclosures, draft.Nonce, draft.Exp, source!, kid!, cancellation) : (null, no);
            if (shown is null)
            {
                return new(null, false, misfit);
            }
            if ((long)shown["version"]! != draft.Version)
            {
                return new(null, false, new("version-conflict", "The record has changed since the first registrar signed. Throw this draft away and draft it anew from what stands now."));
            }
            if (!await waiting.Complete(draft, (JsonArray)assertion["signatures"]!, cancellation))
            {
                return new(null, false, Closed);
            }
        }
        else if (!draft.Signatures.Any(s => state.Registry.Keys.GetValueOrDefault((string)s!["kid"]!)?.Owner == caller.Id))
        {
            return new(null, false, Closed);
        }
        var outcome = await Issue((JsonObject)draft.Payload.DeepClone(), draft.Disclosures, assertion, caller, cancellation);
        if (outcome.Entry is { } entry)
        {
            await waiting.Close(id, entry.Entry.Seq, cancellation);
        }
        return outcome;
    }

    /// <summary>Throws a draft away, by whichever registrar of the organisation; null when that is done.</summary>
    public async Task<Refusal?> Withdraw(string id, Caller caller, CancellationToken cancellation) =>
        OrganisationOf(caller) is { } organisation && await waiting.Remove(id, organisation, cancellation) ? null : NoSuch;

    private async Task<WaitingDraft?> Held(string id, Caller caller, CancellationToken cancellation) =>
        OrganisationOf(caller) is { } organisation ? await waiting.Find(id, organisation, cancellation) : null;
}
