using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Delivery;

/// <summary>Somebody who is told what is sealed.</summary>
/// <param name="Id">16 random bytes in base64url.</param>
/// <param name="Url">Where messages go.</param>
/// <param name="Types">Event types; each message is of one.</param>
/// <param name="Formats">Format ids of records; empty for all.</param>
/// <param name="Mode">structured (one JSON document) or binary (attributes as headers).</param>
/// <param name="Position">The last entry that was looked at.</param>
/// <param name="Created">When it was registered.</param>
public sealed record Webhook(string Id, string Url, IReadOnlyList<string> Types, IReadOnlyList<string> Formats, string Mode, long Position, LedgerTime Created)
{
    /// <summary>The modes of the CloudEvents HTTP binding.</summary>
    public const string Structured = "structured", Binary = "binary";
}

/// <summary>Webhooks of one party.</summary>
public sealed record WebhookList(int Total, IReadOnlyList<Webhook> Items);

/// <summary>What became of one message.</summary>
/// <param name="Entry">The entry that it tells of.</param>
/// <param name="State">waiting, delivered or given-up.</param>
/// <param name="Attempts">How often it was sent, from 0.</param>
/// <param name="Due">When it is sent again; null when it is not.</param>
/// <param name="Delivered">When it was taken; null while it was not.</param>
/// <param name="Status">HTTP status of the last answer; null where there was none.</param>
/// <param name="Problem">Why the last attempt failed; null where none did.</param>
public sealed record DeliveryView(long Entry, string State, int Attempts, LedgerTime? Due, LedgerTime? Delivered, int? Status, string? Problem);

/// <summary>The newest messages first.</summary>
public sealed record DeliveryList(IReadOnlyList<DeliveryView> Items);

/// <summary>A message on its way.</summary>
internal sealed record Message(string Webhook, long Seq, string Url, string Mode, string Event, int Attempts, DateTimeOffset Queued);
