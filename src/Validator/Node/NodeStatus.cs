namespace EventLedger.Validator.Node;

/// <summary>What a validator tells of itself; a snapshot that anyone may read at any time.</summary>
/// <param name="Height">Newest sealed block.</param>
/// <param name="Size">Number of sealed entries.</param>
/// <param name="Round">Round of the height in work.</param>
/// <param name="Step">Its step.</param>
/// <param name="IsObserving">Takes part without voting.</param>
/// <param name="Problem">What is wrong; empty when well.</param>
public sealed record NodeStatus(long Height, long Size, int Round, string Step, bool IsObserving, string Problem);
