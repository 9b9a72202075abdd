namespace EventLedger.Validator.Consensus;

/// <summary>
/// One validator's consensus, one height after the other: deterministic, without clock or I/O. Votes count, the round machine decides,
/// the driver routes between them.
/// </summary>
public sealed class Driver(string self, long head)
{
    /// <summary>Where this validator stands.</summary>
    public RoundState State { get; private set; } = new(head, Step: Step.Decided);

    /// <summary>Own key id.</summary>
    public string Self => self;

    /// <summary>Takes one input and says what is to be done, in order.</summary>
    public IReadOnlyList<Output> Handle(Input input) => throw new NotSupportedException();
}
