using EventLedger.Validator.Network;

namespace EventLedger.Validator.Tests.Network;

public sealed class PeerQueueTests
{
    [Fact]
    public void Messages_leave_in_the_order_in_which_they_came()
    {
        using var queue = new PeerQueue();
        queue.Add(new([1], 7));
        queue.Add(new([2], 5));
        (queue.TryTake()!.Frame[0], queue.TryTake()!.Frame[0], queue.TryTake()).ShouldBe(((byte)1, (byte)2, null));
    }

    [Fact]
    public void A_full_queue_drops_the_oldest_message_of_the_lowest_height_first()
    {
        using var queue = new PeerQueue();
        queue.Add(new([1], long.MaxValue));
        queue.Add(new([2], 9));
        queue.Add(new([3], 4));
        queue.Add(new([4], 4));
        for (var i = 4; i <= PeerQueue.MessagesMax; i++)
        {
            queue.Add(new([9], 9));
        }
        queue.Dropped.ShouldBe(1);
        new[] { queue.TryTake()!.Frame[0], queue.TryTake()!.Frame[0], queue.TryTake()!.Frame[0] }.ShouldBe([1, 2, 4]);
    }

    [Fact]
    public void Its_bytes_are_bounded_too()
    {
        using var queue = new PeerQueue();
        for (var i = 0; i < 9; i++)
        {
            queue.Add(new(new byte[PeerQueue.BytesMax / 6], long.MaxValue));
        }
        queue.Dropped.ShouldBe(3);
    }

    [Fact]
    public void It_knows_whether_a_block_waits()
    {
        using var queue = new PeerQueue();
        queue.Add(Outgoing.From(new() { Hello = new() }));
        queue.HasBlock.ShouldBeFalse();
        queue.Add(Outgoing.From(new() { Block = new() }));
        queue.HasBlock.ShouldBeTrue();
        queue.TryTake();
        queue.TryTake();
        queue.HasBlock.ShouldBeFalse();
    }

    [Fact]
    public async Task Whoever_waits_gets_what_comes()
    {
        using var queue = new PeerQueue();
        var taking = queue.Take(TestContext.Current.CancellationToken);
        taking.IsCompleted.ShouldBeFalse();
        queue.Add(new([5], 1));
        (await taking).Frame[0].ShouldBe((byte)5);
    }
}
