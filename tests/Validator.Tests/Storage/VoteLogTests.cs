using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;
using EventLedger.Validator.Tests.Node;
using Google.Protobuf;

namespace EventLedger.Validator.Tests.Storage;

public sealed class VoteLogTests : IDisposable
{
    private readonly TempDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_new_key_starts_at_height_zero_with_an_empty_log()
    {
        VoteLog.WriteFirst(directory.Path);
        using var guard = VoteLog.TryOpen(directory.Path).ShouldNotBeNull();
        (guard.Height, guard.Frames.Count).ShouldBe((0, 0));
    }

    [Fact]
    public void What_was_appended_is_there_after_a_restart()
    {
        Fill(3);
        using var again = VoteLog.TryOpen(directory.Path).ShouldNotBeNull();
        again.Frames.Select(f => f.Length).ShouldBe([100, 101, 102]);
    }

    [Fact]
    public void A_log_torn_anywhere_in_its_last_frame_keeps_all_frames_before()
    {
        Fill(3);
        var whole = File.ReadAllBytes(directory.File("wal"));
        for (var cut = whole.Length - 113; cut < whole.Length; cut++)
        {
            File.WriteAllBytes(directory.File("wal"), whole[..cut]);
            using var guard = VoteLog.TryOpen(directory.Path).ShouldNotBeNull();
            guard.Frames.Count.ShouldBe(2);
            guard.Append([1]);
            guard.Dispose();
            using var again = VoteLog.TryOpen(directory.Path).ShouldNotBeNull();
            again.Frames.Count.ShouldBe(3);
        }
    }

    [Fact]
    public void A_byte_changed_before_the_last_frame_leaves_no_guard()
    {
        Fill(3);
        var whole = File.ReadAllBytes(directory.File("wal"));
        for (var at = 0; at < whole.Length - 114; at++)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 0x10;
            File.WriteAllBytes(directory.File("wal"), damaged);
            VoteLog.TryOpen(directory.Path).ShouldBeNull($"byte {at}");
        }
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("guard.json")]
    public void A_lost_file_leaves_no_guard(string name)
    {
        Fill(1);
        File.Delete(directory.File(name));
        VoteLog.TryOpen(directory.Path).ShouldBeNull();
    }

    [Fact]
    public void A_log_of_another_time_leaves_no_guard()
    {
        Fill(1);
        var old = File.ReadAllBytes(directory.File("wal"));
        VoteLog.Start(directory.Path, 7, 2).Dispose();
        File.WriteAllBytes(directory.File("wal"), old);
        VoteLog.TryOpen(directory.Path).ShouldBeNull();
    }

    [Fact]
    public void A_long_log_starts_anew_when_a_height_is_decided()
    {
        VoteLog.WriteFirst(directory.Path);
        using var guard = VoteLog.TryOpen(directory.Path).ShouldNotBeNull();
        guard.Append(new byte[VoteLog.WalBytesMax / 2]);
        guard.Append(new byte[VoteLog.WalBytesMax / 2]);
        guard.Decided(41);
        guard.Append([1, 2]);
        guard.Dispose();
        using var again = VoteLog.TryOpen(directory.Path).ShouldNotBeNull();
        (again.Height, again.Frames.Count).ShouldBe((41, 1));
    }

    [Fact]
    public void A_block_fetched_below_the_guard_never_moves_it_back()
    {
        VoteLog.Start(directory.Path, 50, 1).Dispose();
        using var guard = VoteLog.TryOpen(directory.Path).ShouldNotBeNull();
        guard.Append(new byte[VoteLog.WalBytesMax / 2]);
        guard.Append(new byte[VoteLog.WalBytesMax / 2]);
        guard.Decided(49);
        guard.Dispose();
        using var again = VoteLog.TryOpen(directory.Path).ShouldNotBeNull();
        (again.Height, again.Frames.Count).ShouldBe((50, 2));
    }

    [Fact]
    public void A_vote_above_a_fetched_block_stays_in_the_log()
    {
        VoteLog.WriteFirst(directory.Path);
        var key = TestNetwork.NewKey(KeyPurpose.Consensus);
        Signer Open() => new("chain", key, directory.Path, VoteLog.TryOpen(directory.Path));
        using (var signer = Open())
        {
            var content = new BatchReply { Header = ByteString.CopyFrom(new byte[5 << 20]) };
            signer.Note(new WalRecord { Content = content });
            signer.Note(new WalRecord { Content = content });
            signer.Sign(new Output.SendVote(30, 2, Step.Precommit, Digest.Of("block"))).ShouldNotBeNull();
            signer.Flush();
            signer.Decided(7);
        }
        using var again = Open();
        again.Guard.ShouldBe(new(30, 2, Step.Precommit, Digest.Of("block")));
        again.Sign(new Output.SendVote(30, 2, Step.Precommit, Digest.Of("other"))).ShouldBeNull();
    }

    [Fact]
    public void A_crash_between_the_two_renames_is_repaired()
    {
        Fill(1);
        VoteLog.Start(directory.Path, 5, 2).Dispose();
        File.Move(directory.File("wal"), directory.File("wal.new"));
        using var guard = VoteLog.TryOpen(directory.Path).ShouldNotBeNull();
        guard.Height.ShouldBe(5);
        File.Exists(directory.File("wal")).ShouldBeTrue();
    }

    private void Fill(int frames)
    {
        VoteLog.WriteFirst(directory.Path);
        using var guard = VoteLog.TryOpen(directory.Path).ShouldNotBeNull();
        for (var i = 0; i < frames; i++)
        {
            guard.Append([.. Enumerable.Repeat((byte)(0x41 + i), 100 + i)]);
        }
    }
}
