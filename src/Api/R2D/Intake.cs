using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventLedger.Api.Http;
using EventLedger.Api.KeyVault;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using UniqueKind = EventLedger.EventStore.UniqueKind;

namespace EventLedger.Api.R2D;

/// <summary>What became of a submission: an entry, or a refusal.</summary>
/// <param name="Entry">The entry that holds the record; null when it was refused.</param>
/// <param name="IsRepeat">The same record was taken in before; it is that entry.</param>
/// <param name="Refusal">Null when it was taken in.</param>
public readonly record struct Outcome(StoredEntry? Entry, bool IsRepeat, Refusal? Refusal);

/// <summary>Appends checked submissions: disclosures become sidecars, versions are found, repeats are recognised.</summary>
public sealed class Intake(IEventStore store, IKeyVault vault, Genesis genesis, Refusals refusals)
{
    // Writers of one stream that meet again and again: each round one of them wins, so this many rounds are never needed in earnest.
    private const int RoundsMax = 64;

    /// <summary>What is said where a record is no longer what was seen.</summary>
    internal static Refusal Overtaken { get; } = new("version-conflict", "The record has changed since it was signed. Throw this draft away and draft it anew from what stands now.");

    /// <summary>Takes in one submission.</summary>
    /// <param name="submission">What was checked.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <param name="seen">Version of its stream on which alone it may act; null for whatever stands.</param>
    public async Task<Outcome> Take(Submission submission, CancellationToken cancellation, long? seen = null)
    {
        var sidecar = submission.Owner is { } owner ? Hide(submission, (await vault.KeysOf([owner], cancellation))[0]) : default;
        if (sidecar.Length > Sidecar.SizeBytesMax)
        {
            return TooLarge;
        }
        // Most records are new: no version is asked for, the store tells it when the guess was wrong.
        var version = seen ?? 0;
        if (submission.NeedsRecord && seen is null)
        {
            (version, var refusal) = await Target(submission.Stream, cancellation);
            if (refusal is not null)
            {
                return new(null, false, refusal);
            }
        }
        var @event = submission.ToEvent(sidecar);
        for (var round = 0; round < RoundsMax; round++)
        {
            switch (await store.Append(new(submission.Stream, version, [@event], submission.Uniques), cancellation))
            {
                case AppendResult.Appended done:
                    return new(done.Entries[0], false, null);
                case AppendResult.VersionConflict when seen is not null:
                    return new(null, false, Overtaken);
                case AppendResult.VersionConflict conflict:
                    version = conflict.Actual;
                    break;
                case AppendResult.UniqueTaken taken:
                    return await Repeat(submission, taken, cancellation);
                case AppendResult.ReadOnly closed:
                    return new(null, false, new("read-only", closed.Reason));
            }
        }
        return Busy;
    }

    /// <summary>Takes in many in their order; each succeeds or fails alone.</summary>
    public async Task<Outcome[]> TakeMany(IReadOnlyList<Submission> submissions, CancellationToken cancellation)
    {
        var events = await Events(submissions, cancellation);
        var outcomes = new Outcome[submissions.Count];
        var run = new List<int>(submissions.Count);
        for (var i = 0; i < submissions.Count; i++)
        {
            if (events[i].Sidecar.Length > Sidecar.SizeBytesMax)
            {
                outcomes[i] = TooLarge;
            }
            else if (!submissions[i].NeedsRecord)
            {
                run.Add(i);
            }
            else
            {
                // It may act on a record that stands a few lines above it.
                await Append(run, submissions, events, outcomes, cancellation);
                run.Clear();
                outcomes[i] = await Take(submissions[i], cancellation);
            }
        }
        await Append(run, submissions, events, outcomes, cancellation);
        return outcomes;
    }

    private async Task Append(List<int> run, IReadOnlyList<Submission> submissions, NewEvent[] events, Outcome[] outcomes, CancellationToken cancellation)
    {
        if (run.Count == 0)
        {
            return;
        }
        var versions = new Dictionary<string, long>(await store.StreamVersions([.. run.Select(i => submissions[i].Stream)], cancellation), StringComparer.Ordinal);
        var left = run;
        for (var round = 0; left.Count > 0; round++)
        {
            if (round == RoundsMax)
            {
                foreach (var i in left)
                {
                    outcomes[i] = Busy;
                }
                return;
            }
            var appends = new Append[left.Count];
            for (var n = 0; n < appends.Length; n++)
            {
                var submission = submissions[left[n]];
                var version = versions.GetValueOrDefault(submission.Stream);
                versions[submission.Stream] = version + 1;
                appends[n] = new(submission.Stream, version, [events[left[n]]], submission.Uniques);
            }
            left = await Settle(left, submissions, await store.AppendMany(appends, cancellation), versions, outcomes, cancellation);
        }
    }

    // Gives back those that must be tried again at another version.
    private async Task<List<int>> Settle(List<int> tried, IReadOnlyList<Submission> submissions, IReadOnlyList<AppendResult> results,
        Dictionary<string, long> versions, Outcome[] outcomes, CancellationToken cancellation)
    {
        var again = new List<int>();
        for (var n = 0; n < tried.Count; n++)
        {
            var i = tried[n];
            switch (results[n])
            {
                case AppendResult.Appended done:
                    outcomes[i] = new(done.Entries[0], false, null);
                    break;
                case AppendResult.VersionConflict conflict:
                    versions[submissions[i].Stream] = conflict.Actual;
                    again.Add(i);
                    break;
                case AppendResult.UniqueTaken taken:
                    outcomes[i] = await Repeat(submissions[i], taken, cancellation);
                    break;
                case AppendResult.ReadOnly closed:
                    outcomes[i] = new(null, false, new("read-only", closed.Reason));
                    break;
            }
        }
        return again;
    }

    // The same signed input is the same submission, however often it comes; anything else under its jti or index is refused.
    private async Task<Outcome> Repeat(Submission submission, AppendResult.UniqueTaken taken, CancellationToken cancellation)
    {
        var outcome = await Known(submission, taken, cancellation);
        refusals.Add(submission.Iss, outcome.Refusal?.Code ?? Refusals.Repeated);
        return outcome;
    }

    private async Task<Outcome> Known(Submission submission, AppendResult.UniqueTaken taken, CancellationToken cancellation)
    {
        var jti = submission.Uniques[0];
        var holder = taken.Key == jti ? taken.Seq : await store.SeqOf(jti, cancellation);
        if (holder is { } seq && await store.ReadAll(seq, 1, cancellation) is [var entry])
        {
            return IsSame(entry.Entry, submission.Record)
                ? new(entry, true, null)
                : new(null, false, new(RejectionCode.JtiReused, $"Entry {seq} holds another record with this jti."));
        }
        return taken.Key.Kind == UniqueKind.StatusIndex
            ? new(null, false, new(RejectionCode.IdxReused, $"The record in entry {taken.Seq} has this place in the status list."))
            : Busy;
    }

    private static bool IsSame(Entry entry, SdJwt record)
    {
        using var data = JsonDocument.Parse(entry.Data);
        var jwt = data.RootElement.TryGetProperty("record", out var r) ? r.GetString() : null;
        return jwt is not null && jwt.LastIndexOf('.') is > 0 and var dot && Ascii.Equals(record.SigningInput, jwt.AsSpan(0, dot));
    }

    /// <summary>The version of a stream that a change of status is to act on: it needs a record that was not rejected.</summary>
    internal async Task<(long Version, Refusal? Refusal)> Target(string stream, CancellationToken cancellation)
    {
        var entries = await store.ReadStream(stream, 1, cancellation);
        foreach (var e in entries.Where(e => e.Entry.Type == EventTable.SubmissionAccepted).Select(e => e.Entry))
        {
            if ((await store.Rejections(e.Seq, e.Seq, cancellation)).Count == 0)
            {
                return (entries[^1].Entry.Version, null);
            }
        }
        return (0, new(RejectionCode.RecordUnknown, "This source has no record with this format and key."));
    }

    private async Task<NewEvent[]> Events(IReadOnlyList<Submission> submissions, CancellationToken cancellation)
    {
        var owners = submissions.Where(s => s.Owner is not null).Select(s => s.Owner!.Value).ToList();
        var keys = owners.Count == 0 ? [] : await vault.KeysOf(owners, cancellation);
        var next = 0;
        var keyOf = submissions.Select(s => s.Owner is null ? null : keys[next++]).ToArray();
        var events = new NewEvent[submissions.Count];
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = submissions[i].ToEvent(keyOf[i] is { } key ? Hide(submissions[i], key) : default);
        }
        return events;
    }

    private ReadOnlyMemory<byte> Hide(Submission submission, DataKey key) => Sidecar.Seal(
        key.Key, key.Id, RandomNumberGenerator.GetBytes(12), Sidecar.AssociatedData(genesis.Chain, submission.Record.Jwt), submission.Record.Disclosures);

    private static readonly Outcome Busy = new(null, false, new("busy", "Other submissions for the same record came first, again and again."));

    /// <summary>What is said where more is hidden than fits.</summary>
    internal static Refusal Oversize { get; } = new("body-too-large", $"Disclosures have at most {Sidecar.SizeBytesMax} bytes.");

    private static readonly Outcome TooLarge = new(null, false, Oversize);
}
