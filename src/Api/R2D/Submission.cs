using System.Buffers;
using System.Text;
using EventLedger.Api.KeyVault;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.R2D;

/// <summary>A record that was checked and may be appended.</summary>
/// <param name="Record">The SD-JWT.</param>
/// <param name="Type"><c>submission_accepted</c> or <c>status_changed</c>.</param>
/// <param name="Iss">The source.</param>
/// <param name="Stream">The record's stream.</param>
/// <param name="Uniques">What it claims for itself.</param>
/// <param name="Owner">Whose data key hides the disclosures; null where there are none.</param>
/// <param name="NeedsRecord">Whether it acts on a record that must be there already: a change of status, a correction.</param>
public sealed record Submission(SdJwt Record, string Type, string Iss, string Stream, IReadOnlyList<UniqueKey> Uniques, KeyOwner? Owner, bool NeedsRecord)
{
    /// <summary>The event: <c>{record}</c>, or <c>{record, sidecar}</c> with the hash of the encrypted disclosures.</summary>
    /// <param name="sidecar">From <see cref="Sidecar.Seal"/>; empty where there are no disclosures.</param>
    public NewEvent ToEvent(ReadOnlyMemory<byte> sidecar)
    {
        // Base64url and dots need no escaping, so this is canonical as it stands.
        var data = new ArrayBufferWriter<byte>(Record.JwtAscii.Length + 96);
        data.Write("{\"record\":\""u8);
        data.Write(Record.JwtAscii);
        if (!sidecar.IsEmpty)
        {
            data.Write("\",\"sidecar\":\""u8);
            data.Advance(Encoding.ASCII.GetBytes(Digest.Of(sidecar.Span).ToString(), data.GetSpan(64)));
        }
        data.Write("\"}"u8);
        return new(Type, Iss, data.WrittenMemory, sidecar);
    }
}
