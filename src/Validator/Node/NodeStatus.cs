namespace EventLedger.Validator.Node;

/// <summary>What a validator tells of itself; a snapshot that anyone may read at any time.</summary>
/// <param name="Height">Newest sealed block.</param>
/// <param name="Size">Number of sealed entries.</param>
/// <param name="Round">Round of the height in work.</param>
/// <param name="Step">Its step.</param>
/// <param name="IsObserving">Takes part without voting.</param>
/// <param name="Problem">What is wrong; empty when well.</param>
public sealed record NodeStatus(long Height, long Size, int Round, string Step, bool IsObserving, string Problem);

/// <summary>A stored block that was damaged here and came again from a peer.</summary>
/// <param name="Height">Which.</param>
/// <param name="Seqs">Entries that had other bytes, or another sidecar; empty when it was not in an entry, or cannot be told.</param>
/// <param name="What">What was found.</param>
public sealed record MendedBlock(long Height, IReadOnlyList<long> Seqs, string What);
