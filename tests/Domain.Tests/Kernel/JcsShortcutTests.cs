using System.Text;
using System.Text.Json.Nodes;
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

    [Fact]
    public void A_block_header_is_read_where_the_long_way_reads_it_and_has_the_hash_of_its_bytes()
    {
        var header = new BlockHeader("demo-00ff", 12, Digest.Of("prev"), LedgerTime.Parse("2026-01-01T00:00:00.000Z"), 40, 52, Digest.Of("root"), Digest.Of("results"), Digest.Zero,
            Digest.Of("set"), Digest.Of("next"), "kid");
        foreach (var changed in Changes(header.ToBytes()))
        {
            using var document = Jcs.TryParse((byte[])[(byte)' ', .. changed]);
            var isRead = document is not null && BlockHeader.TryParse(document.RootElement, out _) && Same(Jcs.Bytes(document.RootElement), changed);
            var isSame = BlockHeader.TryParse(changed, out var read) == isRead && (read is null || (Same(read.ToBytes(), changed) && read.Hash == Digest.Of(changed)));
            isSame.ShouldBeTrue(isSame ? null : Encoding.UTF8.GetString(changed));
        }
        (header with { Height = 13 }).Hash.ShouldNotBe(header.Hash);
        (header with { Height = 12 }).ShouldBe(header);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void What_was_built_is_written_as_its_text_is(string document) => Jcs.Bytes(JsonNode.Parse(document)).ShouldBe(Jcs.TryCanonicalize(Encoding.UTF8.GetBytes(document)));

    [Fact]
    public void Values_of_every_kind_are_written_as_the_platforms_text_of_them()
    {
        var built = new JsonObject
        {
            ["z"] = 1, ["a"] = -1L, ["é"] = 1.50, ["e"] = 1e21, ["d"] = 12.30m, ["big"] = (1L << 53) + 1, ["zero"] = -0.0, ["yes"] = true, ["nothing"] = null,
            ["text"] = "a\u0001\"\\\u007f\u2028\ud83d\ude00/<é>", ["when"] = JsonValue.Create(DateTimeOffset.UnixEpoch), ["id"] = JsonValue.Create(Guid.Empty),
            ["list"] = new JsonArray(new JsonObject(), new JsonArray(), (byte)7, JsonNode.Parse("1.0"), JsonNode.Parse("\"\\u0061\"")), ["_"] = new JsonObject { ["b"] = 2, ["B"] = 1 },
        };
        Encoding.UTF8.GetString(Jcs.Bytes(built)).ShouldBe(Encoding.UTF8.GetString(Jcs.TryCanonicalize(Encoding.UTF8.GetBytes(built.ToJsonString()))!));
        Jcs.Bytes(null).ShouldBe("null"u8.ToArray());
    }

    [Theory]
    [InlineData("""["\u0000"]""")]
    [InlineData("""["\ud800"]""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"\u0000":1}""")]
    [InlineData("""[{"a":1,"a":1}]""")]
    [InlineData("""[1e400]""")]
    public void What_has_no_canonical_form_is_not_written(string document)
    {
        Should.Throw<FormatException>(() => Jcs.Bytes(JsonNode.Parse(document)));
        Jcs.TryCanonicalize(Encoding.UTF8.GetBytes(document)).ShouldBeNull();
    }

    [Fact]
    public void A_built_value_may_be_as_deep_as_a_parsed_one()
    {
        JsonNode deep = new JsonArray();
        for (var depth = 1; depth < 64; depth++)
        {
            deep = new JsonArray(deep);
        }
        Jcs.IsCanonical(Jcs.Bytes(deep)).ShouldBeTrue();
        Should.Throw<FormatException>(() => Jcs.Bytes(new JsonArray(deep)));
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
