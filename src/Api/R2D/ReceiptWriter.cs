using System.Buffers;
using System.Globalization;
using System.Text;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.R2D;

/// <summary>Signs receipts and writes the answers that carry them; by hand, because every submission pays for it.</summary>
public sealed class ReceiptWriter(Genesis genesis, HostKeys keys)
{
    /// <summary>The signed promise to seal an entry. The same entry gets the same body each time.</summary>
    public byte[] Receipt(StoredEntry entry) => Domain.Ledger.Receipt.Create(keys.Receipt, genesis.Chain, entry.Entry.Seq, entry.Leaf, entry.Entry.Time).ToBytes();

    /// <summary>The 202 answer: <c>{id, seq, status, receipt, links}</c>.</summary>
    public static void Accepted(IBufferWriter<byte> writer, StoredEntry entry, string status, ReadOnlySpan<byte> receipt)
    {
        var seq = entry.Entry.Seq.ToString(CultureInfo.InvariantCulture);
        Write(writer, $"{{\"id\":\"{seq}\",\"seq\":{seq},\"leaf\":\"{entry.Leaf}\",\"status\":\"{status}\",\"receipt\":");
        writer.Write(receipt);
        Write(writer, $",\"links\":{{\"self\":\"/r2d/v1/submissions/{seq}\",\"proof\":\"/u2s/v1/records/{seq}/proof\"}}}}");
    }

    /// <summary>One line of a bulk answer: <c>{line, seq, leaf, status, receipt}</c>.</summary>
    public static void Line(IBufferWriter<byte> writer, long line, StoredEntry entry, ReadOnlySpan<byte> receipt)
    {
        Write(writer, string.Create(CultureInfo.InvariantCulture,
            $"{{\"line\":{line},\"seq\":{entry.Entry.Seq},\"leaf\":\"{entry.Leaf}\",\"status\":\"accepted\",\"receipt\":"));
        writer.Write(receipt);
        writer.Write("}\n"u8);
    }

    /// <summary>One line of a bulk answer: <c>{line, problem:{type, code, detail}}</c>.</summary>
    public static void Line(IBufferWriter<byte> writer, long line, Refusal refusal) => Write(writer, string.Create(CultureInfo.InvariantCulture,
        $"{{\"line\":{line},\"problem\":{Http.Problems.ToJson(refusal.Code, refusal.Detail).ToJsonString()}}}\n"));

    private static void Write(IBufferWriter<byte> writer, string text) => writer.Advance(Encoding.UTF8.GetBytes(text, writer.GetSpan(text.Length * 3)));
}
