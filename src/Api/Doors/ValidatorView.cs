namespace EventLedger.Api.Doors;

/// <summary>One validator as it answered this host.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Kid">Its consensus key.</param>
/// <param name="Seated">Whether it votes; an observer does not.</param>
/// <param name="Answers">Whether it answered; without an answer the members after this one say nothing.</param>
/// <param name="Height">Its newest block.</param>
/// <param name="Size">Entries up to there.</param>
/// <param name="Round">Round of the height in work, from 0.</param>
/// <param name="Step">Step of that round.</param>
/// <param name="Observing">Whether it takes part without voting.</param>
/// <param name="Peers">Validators that it is connected with.</param>
/// <param name="Problem">What ails it by its own word; empty when it is well.</param>
public sealed record ValidatorView(string Name, string Kid, bool Seated, bool Answers, long Height, long Size, int Round, string Step, bool Observing, int Peers, string Problem);
