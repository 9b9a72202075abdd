using System.Text;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Kernel;

/// <summary>Plain canonical JSON takes a shortcut; it must tell what the long way tells. A space in front of a document sends it the long way.</summary>
public sealed class JcsShortcutTests
{
    // What JSON gives a meaning to, and what UTF-8 forbids.
    private static readonly byte[] Interesting = [.. "\"\\{}[]:,-+.019eEtfnabu \n~"u8, 0, 0x1f, 0x7f, 0x80, 0xc3, 0xed, 0xff];

    public static TheoryData<string> Documents =>
    [
        """{"a":1,"b":[true,false,null,-12,0,"x"],"c":{"":{},"d":[]}}""",
        """{"Z":"caf\u00e9","a":"\ud83d\ude00","aa":123456789012345}""",
        """["\u007f\u2028",-1,999999999999999,9007199254740993]""",
        """{"iat":1790000000,"iss":"https://a.example","ledger":"demo-0123456789abcdef","status":{"status_list":{"idx":7,"uri":"https://a.example/status/0/0"}}}""",
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_change_of_one_byte_is_judged_as_by_the_long_way(string document)
    {
        foreach (var changed in Changes(Encoding.UTF8.GetBytes(document)))
        {
            byte[] longWay = [(byte)' ', .. changed];
            var expected = Jcs.TryCanonicalize(longWay);
            using var parsed = Jcs.TryParse(changed);
            var isSame = Same(Jcs.TryCanonicalize(changed), expected) && Jcs.IsCanonical(changed) == Same(changed, expected) && parsed is null == expected is null;
            isSame.ShouldBeTrue(isSame ? null : Encoding.UTF8.GetString(changed));
        }
    }

    [Fact]
    public void An_entry_that_is_read_is_the_one_that_its_bytes_say()
    {
        var entry = new Entry(12, "record-00ff", 3, "submission_accepted", LedgerTime.Parse("2026-01-01T00:00:00.000Z"), "https://a.example",
            Encoding.UTF8.GetBytes("""{"record":"e30.e30.AA","sidecar":[1,{"a":""}]}"""));
        var bytes = entry.ToBytes();
        Entry.TryParse(bytes, out var same).ShouldBeTrue();
        same.ToBytes().ShouldBe(bytes);
        var read = 0;
        foreach (var changed in Changes(bytes))
        {
            if (Entry.TryParse(changed, out var other))
            {
                read++;
                var isSame = Same(other.ToBytes(), changed) && Same(Jcs.TryCanonicalize((byte[])[(byte)' ', .. changed]), changed)
                    && Same(Jcs.TryCanonicalize((byte[])[(byte)' ', .. other.Data.Span]), other.Data.ToArray());
                isSame.ShouldBeTrue(isSame ? null : Encoding.UTF8.GetString(changed));
            }
        }
        // Letters in texts and digits may change; most other bytes may not.
        read.ShouldBeInRange(500, 4000);
    }

    [Theory]
    [InlineData("""{"alg":"ES256","kid":"k","typ":"dc+sd-jwt"}""", true)]
    [InlineData("""{"typ":"dc+sd-jwt","alg":"ES256","kid":"k"}""", true)]
    [InlineData("""{"alg":"ES256","kid":"\u006b","typ":"dc+sd-jwt"}""", true)]
    [InlineData("""{"alg":"ES256","kid":"k","typ":"dc+sd-jwt"} x""", false)]
    [InlineData("""{"alg":"ES256","kid":"k","typ":"dc+sd-jwt","x":1}""", false)]
    [InlineData("""{"alg":"none","kid":"k","typ":"dc+sd-jwt"}""", false)]
    [InlineData("""{"alg":"ES256","kid":7,"typ":"dc+sd-jwt"}""", false)]
    public void A_header_is_read_in_any_order_of_its_members(string header, bool isRecord)
    {
        var jwt = $"{B64.Encode(Encoding.UTF8.GetBytes(header))}.{B64.Encode("{}"u8)}.{B64.Encode(new byte[64])}";

        SdJwt.TryParseJwt(Encoding.ASCII.GetBytes(jwt), out var record).ShouldBe(isRecord);
        record?.Kid.ShouldBe("k");
    }

    private static bool Same(byte[]? one, byte[]? other) => one is null ? other is null : other is not null && one.AsSpan().SequenceEqual(other);

    private static IEnumerable<byte[]> Changes(byte[] document)
    {
        yield return document;
        for (var at = 0; at < document.Length; at++)
        {
            yield return [.. document[..at], .. document[(at + 1)..]];
            foreach (var b in Interesting)
            {
                yield return [.. document[..at], b, .. document[(at + 1)..]];
                yield return [.. document[..at], b, .. document[at..]];
            }
        }
    }
}
