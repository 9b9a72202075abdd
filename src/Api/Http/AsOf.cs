using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Http;

/// <summary>The sealed block that an answer speaks as of.</summary>
public sealed record AsOf(long Height, long Size, LedgerTime Time);
