namespace EventLedger.EventStore.Postgres;

/// <summary>Which database server this is. When it changes, what was acknowledged may be gone, and the chain must be asked.</summary>
/// <param name="System">Made by initdb, kept by replicas.</param>
/// <param name="Timeline">Changes with each failover and point-in-time recovery.</param>
/// <param name="Started">When the server process started.</param>
public sealed record ServerIdentity(string System, int Timeline, DateTimeOffset Started);
