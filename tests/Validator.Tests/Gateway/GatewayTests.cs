using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Tests.Node;
using EventLedger.Wire;
using Google.Protobuf;

namespace EventLedger.Validator.Tests.Gateway;

public sealed class GatewayTests
{
    [Fact]
    public async Task A_certificate_whose_key_is_not_on_the_ledger_is_refused()
    {
        await using var net = new TestNetwork(1);
        await net.Start(0);
        using var stranger = TransportCertificate.Create(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        using var client = net.ClientOf(0, stranger);
        await Should.ThrowAsync<HttpRequestException>(() => TestNetwork.Call(client, "GetHead", new HeadRequest(), Block.Parser));
        using var known = net.ClientOf(0);
        (await TestNetwork.Call(known, "GetHead", new HeadRequest(), Block.Parser)).Status.ShouldBe("0");
    }

    [Fact]
    public async Task A_validator_that_lets_every_connection_wait_is_away_and_nobody_gave_the_call_up()
    {
        await using var net = new TestNetwork(1);
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var client = new ValidatorClient(net.Genesis.Validators[0] with { Address = $"{silent.LocalEndpoint}" }, net.Host);
        ValidatorClient.IsAway((await Should.ThrowAsync<Exception>(() => client.Health(TestContext.Current.CancellationToken)))!).ShouldBeTrue();
        ValidatorClient.IsAway((await Should.ThrowAsync<Exception>(async () =>
        {
            await foreach (var _ in client.Blocks(new() { FromHeight = 1, Follow = true }, TestContext.Current.CancellationToken))
            {
            }
        }))!).ShouldBeTrue();
    }

    [Fact]
    [Y4561("N-8.1-d")]
    public async Task A_batch_that_cannot_be_next_is_refused_with_its_code()
    {
        await using var net = new TestNetwork(1);
        await net.Start(0);
        using var client = net.ClientOf(0);
        async Task<string> Reason(params Item[] items)
        {
            var after = new MerkleFrontier();
            Array.ForEach(items, item => after.Append(Entry.LeafHash(item.Entry.Span)));
            var batch = TestNetwork.Batch([], net.Promise(1, after));
            batch.Items.AddRange(items);
            return (await TestNetwork.Call(client, "SubmitBatch", batch, BatchReply.Parser)).Reply!.Reason;
        }
        (await Reason(new Item { Entry = ByteString.CopyFromUtf8("{}") })).ShouldBe("malformed");
        (await Reason([.. Enumerable.Range(0, 20).Select(_ => new Item { Entry = ByteString.CopyFrom(new byte[60_000]) })])).ShouldBe("too-large");
        (await Reason(new Item { Entry = ByteString.CopyFrom(net.Entries(4, 1)[0].ToBytes()) })).ShouldBe("not-next");
        (await Reason(new Item { Entry = ByteString.CopyFrom(net.Genesis.Entry.ToBytes()), Sidecar = ByteString.CopyFrom(1) })).ShouldBe("malformed");
    }

    [Fact]
    [Y4561("D-7.3.5-a")]
    public async Task A_batch_that_no_host_has_signed_for_this_chain_is_refused_unread()
    {
        await using var net = new TestNetwork(1);
        await net.Start(0);
        using var client = net.ClientOf(0);
        async Task<string> Reason(Batch batch) => (await TestNetwork.Call(client, "SubmitBatch", batch, BatchReply.Parser)).Reply!.Reason;
        Entry[] junk = [net.Genesis.Entry with { Actor = "junk" }];
        var (good, other) = (net.Batch(net.Entries(0, 2)), new MerkleFrontier());
        other.Append(Entry.LeafHash(junk[0].ToBytes()));
        var stranger = TestNetwork.NewKey(KeyPurpose.Receipt);
        Batch[] bad =
        [
            TestNetwork.Batch(junk, net.Promise(1, other, stranger)),
            TestNetwork.Batch(junk, net.Promise(1, other, stranger) with { Kid = net.Genesis.Hosts[0].Receipt.Kid }),
            TestNetwork.Batch(junk, net.Promise(1, other, chain: "other-0123456789abcdef")),
            TestNetwork.Batch(junk, net.Promise(1, other) with { Kid = "" }),
            TestNetwork.Batch(junk, net.Promise(1, other) with { Sig = default }),
            new(good) { Root = ByteString.Empty },
            new(good) { Root = ByteString.CopyFrom(other.Root().ToArray()) },
            new(good) { First = 2 },
            new(good) { Items = { new Item { Entry = ByteString.CopyFromUtf8("{}") } } },
        ];
        foreach (var batch in bad)
        {
            (await Reason(batch)).ShouldBe("not-signed");
        }
        // The signature is a host's, and it stands under other entries.
        var swapped = new Batch(good);
        swapped.Items[0].Entry = ByteString.CopyFrom(junk[0].ToBytes());
        (await Reason(swapped)).ShouldBe("not-signed");
        (await Reason(good)).ShouldBe("");
        await net.Sealed(0, 2);
    }

    [Fact]
    public async Task A_message_beyond_the_limit_is_refused_before_it_is_read()
    {
        await using var net = new TestNetwork(1);
        await net.Start(0);
        using var client = net.ClientOf(0);
        var batch = new Batch { First = 1, Items = { new Item { Sidecar = ByteString.CopyFrom(new byte[GrpcFrames.MessageBytesMax]) } } };
        (await TestNetwork.Call(client, "SubmitBatch", batch, BatchReply.Parser)).Status.ShouldBe("8");
    }

    [Fact]
    [Y4561("D-7.1.1-e")]
    [Y4561("D-7.3.5-a")]
    [Y4561("D-7.3.5-b")]
    [Y4561("D-7.3.6")]
    public async Task One_validator_alone_seals_at_once_and_its_blocks_read_back_with_items()
    {
        await using var net = new TestNetwork(1);
        await net.Start(0);
        await net.Submit(net.Entries(0, 3));
        await net.Sealed(0, 3);
        using var client = net.ClientOf(0);
        var (block, status) = await TestNetwork.Call(client, "GetBlocks", new BlocksRequest { FromHeight = 1, WithItems = true }, Block.Parser);
        status.ShouldBe("0");
        block!.Items.Count.ShouldBe(3);
        BlockHeader.TryParse(block.Header.Memory, out var header).ShouldBeTrue();
        (header!.First, header.Size).ShouldBe((1, 3));
    }

    [Fact]
    public async Task An_entry_without_a_record_has_no_status()
    {
        await using var net = new TestNetwork(1);
        await net.Start(0);
        await net.Submit(net.Entries(0, 2));
        await net.Sealed(0, 2);
        using var client = net.ClientOf(0);
        (await TestNetwork.Call(client, "GetStatus", new StatusRequest { Seq = 1 }, StatusReply.Parser)).Reply!.Problem.ShouldBe("no-status");
        (await TestNetwork.Call(client, "GetStatus", new StatusRequest { Seq = 9 }, StatusReply.Parser)).Reply!.Problem.ShouldBe("unknown-record");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public async Task No_record_has_a_number_below_one(long seq)
    {
        await using var net = new TestNetwork(1);
        await net.Start(0);
        await net.Submit(net.Entries(0, 2));
        await net.Sealed(0, 2);
        using var client = net.ClientOf(0);
        var (reply, status) = await TestNetwork.Call(client, "GetStatus", new StatusRequest { Seq = seq }, StatusReply.Parser);
        (reply?.Problem, status).ShouldBe(("unknown-record", "0"));
    }
}
