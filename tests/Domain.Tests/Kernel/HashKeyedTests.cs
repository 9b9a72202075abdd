using System.Globalization;
using EventLedger.Domain.Kernel;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Kernel;

/// <summary>The table that the ledger rules keep their state in, against the framework's own.</summary>
public sealed class HashKeyedTests
{
    [Fact]
    public void It_says_what_a_dictionary_says()
    {
        var (table, model) = (new HashKeyed<long>(), new Dictionary<UInt128, long>());
        for (var i = 0; i < 200_000; i++)
        {
            // Every third write meets a key that is there.
            var key = Digest.Of((i % 3 == 0 ? i / 2 : i).ToString(CultureInfo.InvariantCulture)).Half;
            table[key].ShouldBe(model.GetValueOrDefault(key));
            table.Contains(key).ShouldBe(model.ContainsKey(key));
            (table[key], model[key]) = (i, i);
        }
        table.Count.ShouldBe(model.Count);
        foreach (var (key, value) in model)
        {
            table[key].ShouldBe(value);
        }
    }

    [Fact]
    public void Keys_that_want_the_same_place_keep_apart()
    {
        var table = new HashKeyed<int>();
        for (var i = 0; i < 100; i++)
        {
            table[(UInt128)i << 10] = i;
        }
        for (var i = 1; i < 100; i++)
        {
            table[(UInt128)i << 10].ShouldBe(i);
        }
        table.Contains((UInt128)100 << 10).ShouldBeFalse();
    }

    [Fact]
    public void The_key_zero_is_a_key()
    {
        var table = new HashKeyed<int>();
        table.Contains(0).ShouldBeFalse();
        table[0] = 7;
        table[0].ShouldBe(7);
        table.Count.ShouldBe(1);
    }
}
