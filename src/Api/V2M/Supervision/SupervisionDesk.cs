using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.V2M.Supervision;

/// <summary>A command of a supervisor as it was taken in.</summary>
/// <param name="Seq">Its entry.</param>
/// <param name="Type">Event type.</param>
/// <param name="Id">What it is about.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Version">Version of the stream after it.</param>
/// <param name="Actor">Who signed, by pseudonym.</param>
/// <param name="Status"><c>accepted</c>, or <c>sealed</c> when the request asked to wait for that.</param>
public sealed record CommandView(long Seq, string Type, string Id, string Stream, long Version, string Actor, string Status);

/// <summary>
/// Takes in what supervisors signed. Only events of supervision pass, on streams that begin with <c>supervision-</c>, and validators hold them to the same: this
/// door changes nothing that the ledger's rules read. Source: DESIGN section 8.
/// </summary>
public sealed class SupervisionDesk(Genesis genesis, IEventStore store, HostState state, LedgerHead head, Acts acts, TimeProvider clock)
{
    /// <summary>Judges a command and appends it.</summary>
    /// <param name="body">The request's body.</param>
    /// <param name="types">Event types that this address takes.</param>
    /// <param name="wait">How long to wait for the seal; null not to wait.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task<Answer<CommandView>> Take(ReadOnlyMemory<byte> body, IReadOnlyList<string> types, TimeSpan? wait, CancellationToken cancellation)
    {
        if (SignedCommand.Read(body) is not { } command)
        {
            return new Problem("request-malformed", "A command is {type, stream, expectedVersion, data} in UTF-8, data with the supervisor's authorization.");
        }
        if (!types.Contains(command.Type))
        {
            return EventTable.Types.ContainsKey(command.Type)
                ? new Problem("host-forbidden", $"This address takes {string.Join(", ", types)}; {command.Type} comes through another door.")
                : Refused(RejectionCode.TypeUnknown);
        }
        await state.FoldTo((await store.Head(cancellation)).Seq, cancellation);
        var (registry, seq) = state.Now;
        var entry = new Entry(seq + 1, command.Stream, command.ExpectedVersion + 1, command.Type, LedgerTime.From(clock.GetUtcNow()), command.Actor(registry), command.Bytes);
        if (entry.ToBytes().Length > Entry.SizeBytesMax)
        {
            return new Problem("entry-too-large", $"An entry has at most {Entry.SizeBytesMax} bytes.");
        }
        // The form first: it says more to whoever wrote the command than a signature that does not fit.
        if ((SupervisionEvents.Problem(entry, command.Data) ?? Authorization.Check(entry, command.Data, genesis, registry, head.Header.Time)) is { } code)
        {
            return Refused(code);
        }
        if (await acts.Objection(command, cancellation) is { } objection)
        {
            return objection;
        }
        switch (await store.Append(new(command.Stream, command.ExpectedVersion, new(command.Type, entry.Actor, command.Bytes)), cancellation))
        {
            case AppendResult.Appended done:
                var isSealed = wait is { } time && await head.WaitSealed(done.LastSeq, time, cancellation);
                var taken = done.Entries[0].Entry;
                return new CommandView(taken.Seq, taken.Type, command.Id, taken.Stream, taken.Version, taken.Actor, isSealed ? "sealed" : "accepted");
            case AppendResult.VersionConflict conflict:
                return new Problem("version-conflict", $"The stream stands at version {conflict.Actual}, not {command.ExpectedVersion}.", ("version", conflict.Actual));
            case AppendResult.ReadOnly closed:
                return new Problem("read-only", closed.Reason);
            default:
                return new Problem("busy", "Nothing was written.");
        }
    }

    private static Problem Refused(string code) => new(code, ProblemCatalog.Of(code).Title);
}
