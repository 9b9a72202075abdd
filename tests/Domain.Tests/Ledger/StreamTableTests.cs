using System.Globalization;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

public sealed class StreamTableTests
{
    [Fact]
    public void It_says_what_a_dictionary_says_whatever_happens_to_a_stream()
    {
        var (table, model, random) = (new StreamTable(), new Dictionary<UInt128, StreamFacts>(), new Random(7));
        for (var i = 0; i < 50_000; i++)
        {
            var key = Digest.Of(random.Next(5_000).ToString(CultureInfo.InvariantCulture)).Half;
            table.Contains(key).ShouldBe(model.ContainsKey(key));
            var before = table[key];
            before.ShouldBe(model.GetValueOrDefault(key));
            var next = before with { Version = before.Version + 1 };
            next = random.Next(8) switch
            {
                0 => next,
                1 => next with { Suspended = true },
                2 => next with { RevokedVersion = next.RecordVersion, Suspended = false },
                _ => next with { RecordVersion = next.Version },
            };
            (table[key], model[key]) = (next, next);
        }
        table.Count.ShouldBe(model.Count);
        foreach (var (key, facts) in model)
        {
            table[key].ShouldBe(facts);
        }
    }
}
