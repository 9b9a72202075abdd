using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Http;

/// <summary>The block that holds a record.</summary>
public sealed record SealView(long Height, LedgerTime Time);
