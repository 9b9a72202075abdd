using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.R2D;

/// <summary>Drafts that one registrar signed and a second one is to sign: corrections, and what a browser's own key signs.</summary>
public sealed partial class RegistrarDesk
{
    private static readonly Refusal NoSuch = new("waiting-unknown", "No such draft waits in your organisation, or none any more: its time was over, it was thrown away, or both signed it long ago.");

    /// <summary>Keeps a draft that the caller has signed, for a second registrar of the organisation.</summary>
    public async Task<(Refusal? Refusal, WaitingDraft? Draft)> Wait(JsonObject payload, IReadOnlyList<string> disclosures, JsonObject assertion, Caller caller, CancellationToken cancellation)
    {
        var (no, source, kid) = Find(Iss(payload), caller);
        if (no is not null)
        {
            return (no, null);
        }
        if (SignedBy(With(payload, assertion)) is not [var key] || key.Owner != caller.Id)
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
        if (!DraftSummary.IsWhole(payload, disclosures, state.Registry))
        {
            return (new("request-malformed", "Only what this ledger drafted waits for another registrar: nothing may stand or hide in it that a draft does not show."), null);
        }
        // Letters and digits alone: an id that began with a hyphen would be an option to a shell.
        var draft = new WaitingDraft(((string)shown["subject"]!)[..32], OrganisationOf(caller)!, Now, caller.Id, payload, disclosures, nonce, exp, (long)shown["version"]!, (JsonArray)assertion["signatures"]!.DeepClone(), null);
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
        // Both have signed, and whoever took it in was stopped before they could note it.
        if (draft.Seq is null && draft.Signatures.Count == 2)
        {
            var outcome = await Finish(draft, caller, cancellation);
            if (outcome.Entry is null)
            {
                return (outcome.Refusal, null);
            }
            draft = draft with { Seq = outcome.Entry.Entry.Seq };
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
        if (draft.Signatures.Count == 1)
        {
            if (draft.By == caller.Id)
            {
                return new(null, false, new("signature-known", "You have signed it already; another registrar of your organisation signs it too."));
            }
            var (no, source, kid) = Find(Iss(draft.Payload), caller);
            var (shown, misfit) = no is null ? await Show(draft.Payload, draft.Disclosures, draft.Nonce, draft.Exp, source!, kid!, cancellation) : (null, no);
            if (shown is null || (long)shown["version"]! != draft.Version)
            {
                return new(null, false, misfit ?? Intake.Overtaken);
            }
            // Only a signature with which it can be sealed takes the place of the second.
            var both = draft.Assertion(signature);
            if (Sign(draft.Payload, draft.Disclosures, both, source!, kid!, caller.Id) is { Refusal: { } wrong })
            {
                return new(null, false, wrong);
            }
            await waiting.Complete(draft, (JsonArray)both["signatures"]!, cancellation);
            // Somebody else may have been faster: what is kept counts.
            if (await Held(id, caller, cancellation) is not { } kept)
            {
                return new(null, false, NoSuch);
            }
            draft = kept;
        }
        return draft.Signatures.Any(s => state.Registry.Keys.GetValueOrDefault((string)s!["kid"]!)?.Owner == caller.Id)
            ? await Finish(draft, caller, cancellation)
            : new(null, false, new("request-closed", "Another registrar has signed it already; it is in the log, or about to be."));
    }

    // The same bytes again where somebody was stopped in the middle: then it is the same entry.
    private async Task<Outcome> Finish(WaitingDraft draft, Caller caller, CancellationToken cancellation)
    {
        var (no, source, kid) = Find(Iss(draft.Payload), caller);
        var (submission, refusal) = no is null ? Sign(draft.Payload, draft.Disclosures, draft.Assertion(), source!, kid!, null) : new(null, no);
        if (submission is null)
        {
            return new(null, false, refusal);
        }
        var outcome = await intake.Take(submission, cancellation, draft.Version);
        if (outcome.Entry is { } entry)
        {
            await waiting.Close(draft.Id, entry.Entry.Seq);
        }
        return outcome;
    }

    /// <summary>Throws a draft away that is not in the log and will not be, by whichever registrar of the organisation; null when that is done.</summary>
    public async Task<Refusal?> Withdraw(string id, Caller caller, CancellationToken cancellation) =>
        await Held(id, caller, cancellation) is { Seq: null } draft
        && (draft.Signatures.Count == 1 || (await Finish(draft, caller, cancellation)).Refusal == Intake.Overtaken)
        && await waiting.Remove(draft, cancellation) ? null : NoSuch;

    private async Task<WaitingDraft?> Held(string id, Caller caller, CancellationToken cancellation) =>
        OrganisationOf(caller) is { } organisation ? await waiting.Find(id, organisation, cancellation) : null;
}
