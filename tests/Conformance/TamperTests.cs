using System.Text;
using EventLedger.Conformance.Support;

namespace EventLedger.Conformance;

/// <summary>Somebody changes a byte behind the ledger's back: the audit names what and where.</summary>
public sealed class TamperTests
{
    [Fact]
    [Y4561("D-6.1.2-e")]
    [Y4561("D-7.1.2-e")]
    public async Task A_byte_changed_in_the_database_is_named()
    {
        await using var ledger = await TestLedger.Start();
        var source = await Agency.Register(ledger);
        await ledger.MustRun(await source.Table(40));
        var last = await ledger.AllSealed();
        (await ledger.Audit()).Exit.ShouldBe(0);

        await ledger.Execute($$"""
            set ledger.guard = off;
            update mt_events set data = jsonb_set(data, '{record}', to_jsonb(left(data->>'record', -1) || case right(data->>'record', 1) when 'A' then 'Q' else 'A' end))
            where seq_id = {{last}};
            update ledger_sidecars set bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1) where seq = {{last - 1}};
            update ledger_entries set actor = 'https://agency.examplf' where seq = {{last - 2}};
            update mt_streams set version = 2 where id = (select stream_id from mt_events where seq_id = {{last - 3}});
            update mt_events set is_archived = true where seq_id = {{last - 4}};
            update mt_events set timestamp = timestamp + interval '1 microsecond' where seq_id = {{last - 5}};
            delete from ledger_uniques where kind = 1 and seq = {{last - 6}};
            update ledger_uniques set key = set_byte(key, 3, get_byte(key, 3) # 1) where kind = 2 and seq = {{last - 7}};
            update ledger_blocks set commit = set_byte(commit, 300, get_byte(commit, 300) # 1) where height = 2;
            update ledger_blocks set size = size - 1 where height = 1;
            update mt_event_progression set last_updated = last_updated - interval '1 second';
            """);
        var (exit, said) = await ledger.Audit();
        exit.ShouldBe(1, said);
        said.ShouldContain($"postgresql: entry {last}, entry-changed: mt_events");
        said.ShouldContain($"postgresql: entry {last - 1}, sidecar-wrong");
        said.ShouldContain($"postgresql: entry {last - 2}, entry-changed");
        said.ShouldContain("postgresql: stream-wrong: mt_streams row record-");
        said.ShouldContain($"postgresql: entry {last - 4}, column-changed: mt_events");
        said.ShouldContain($"postgresql: entry {last - 5}, column-changed: mt_events");
        said.ShouldContain($"postgresql: entry {last - 6}, unique-missing");
        said.ShouldContain($"postgresql: entry {last - 7}, unique-wrong");
        said.ShouldContain("postgresql: block 2, commit-wrong");
        said.ShouldContain("postgresql: block 1, columns-wrong");
        said.ShouldContain($"postgresql: entry {last}, progress-wrong: mt_event_progression");
    }

    [Fact]
    [Y4561("D-6.1.2-e")]
    [Y4561("N-6.2.4-c")]
    public async Task A_byte_changed_in_a_validators_store_is_named_and_mended()
    {
        await using var ledger = await TestLedger.Start();
        var source = await Agency.Register(ledger);
        await ledger.MustRun(await source.Table(40));
        var last = await ledger.AllSealed();
        await Wait.Until("validator 2 has it", async () => (await ledger.Validator(2))!["size"]!.GetValue<long>() >= last);
        await ledger.StopValidator(2);
        var seq = Flip(Path.Combine(ledger.ValidatorFolder(2), "blocks.db"), last);
        var height = await ledger.Scalar($"select min(height) from ledger_blocks where size >= {seq}");
        ledger.StartValidators(2);

        await Wait.Until("validator 2 is at the head", async () => (await ledger.Validator(2))?["size"]?.GetValue<long>() >= last);
        var (exit, said) = await ledger.Audit();
        exit.ShouldBe(1, said);
        said.ShouldContain($"validator-2: entry {seq}, block {height}, ");
        (await File.ReadAllTextAsync(Path.Combine(ledger.Data, "log", "validator-2.log"))).ShouldContain($"entry {seq}");
        var (_, doctor) = await ledger.Run("doctor", "--data", ledger.Data);
        doctor.ShouldContain($"entry {seq}");
        // What is mended stays mended: the next start finds nothing.
        await ledger.StopValidator(2);
        ledger.StartValidators(2);
        await Wait.Until("validator 2 is at the head", async () => (await ledger.Validator(2))?["size"]?.GetValue<long>() >= last);
        (exit, said) = await ledger.Audit();
        exit.ShouldBe(0, said);
    }

    [Fact]
    public async Task An_audit_of_a_busy_ledger_finds_nothing()
    {
        await using var ledger = await TestLedger.Start();
        var source = await Agency.Register(ledger);
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
        {
            for (var n = 0; !stop.IsCancellationRequested; n++)
            {
                await source.Accepted(source.Licence($"{writer}-{n}"));
            }
        }));
        await ledger.Sealed(50);
        var (exit, said) = await ledger.Audit();
        await stop.CancelAsync();
        await load;
        exit.ShouldBe(0, said);
    }

    // Another digit in the stream of an entry; which entries lie whole on one page of the file is found by looking.
    private static long Flip(string file, long last)
    {
        var bytes = File.ReadAllBytes(file);
        for (var seq = last; seq > 1; seq--)
        {
            var at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"\"seq\":{seq},\"stream\":\"record-"));
            if (at > 0)
            {
                bytes[at + $"\"seq\":{seq},\"stream\":\"record-".Length] ^= 1;
                File.WriteAllBytes(file, bytes);
                return seq;
            }
        }
        throw new InvalidOperationException("No entry was found in the file.");
    }
}
