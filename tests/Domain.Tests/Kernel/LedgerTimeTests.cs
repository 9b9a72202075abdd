using System.Globalization;
using EventLedger.Domain.Kernel;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Kernel;

public sealed class LedgerTimeTests
{
    private const long Last = 253_402_300_799_999;

    [Fact]
    public void A_time_is_written_as_the_platform_writes_it_and_read_back() => Prop.ForAll<int, int>((high, low) =>
    {
        var ms = (long)(((ulong)(uint)high << 32 | (uint)low) % (Last + 1));
        var text = new LedgerTime(ms).ToString();
        text.ShouldBe(DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        LedgerTime.Parse(text).UnixMs.ShouldBe(ms);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00.000Z")]
    [InlineData(Last, "9999-12-31T23:59:59.999Z")]
    public void The_first_and_the_last_moment_have_the_same_form(long ms, string text) => new LedgerTime(ms).ToString().ShouldBe(text);

    [Theory]
    [InlineData("2026-01-01T00:00:00.000Z")]
    [InlineData("2024-02-29T23:59:59.999Z")]
    [InlineData("2100-02-28T12:34:56.789Z")]
    [InlineData("1969-12-31T23:59:59.999Z")]
    [InlineData("9999-04-30T19:09:09.090Z")]
    public void Every_change_of_one_character_is_read_as_the_platform_reads_it(string text)
    {
        string[] changes = [text, $"{text} ", text[1..], .. from at in Enumerable.Range(0, text.Length) from c in "0123456789-:.TZ tz+/\u0663" select $"{text[..at]}{c}{text[(at + 1)..]}"];
        foreach (var change in changes)
        {
            var isTime = DateTimeOffset.TryParseExact(change, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
                && moment.ToUnixTimeMilliseconds() >= 0;
            (LedgerTime.TryParse(change, out var time), time.UnixMs).ShouldBe((isTime, isTime ? moment.ToUnixTimeMilliseconds() : 0), change);
        }
    }
}
