namespace EventLedger.Domain.Ledger;

/// <summary>One key, one purpose: a verifier refuses a key outside its own. Source: DESIGN section 3 "Keys".</summary>
public static class KeyPurpose
{
    /// <summary>Votes and proposals of a validator.</summary>
    public const string Consensus = "consensus";

    /// <summary>Signatures of a validator under tlog checkpoints.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>Receipts of a host or validator.</summary>
    public const string Receipt = "receipt";

    /// <summary>Records of a source.</summary>
    public const string Record = "record";

    /// <summary>Status statements and status lists.</summary>
    public const string Status = "status";

    /// <summary>Authorizations of a person.</summary>
    public const string Operator = "operator";

    /// <summary>private_key_jwt of a machine (RFC 7523).</summary>
    public const string Client = "client";

    /// <summary>Access tokens of a host.</summary>
    public const string Token = "token";

    /// <summary>Mutual TLS between hosts and validators.</summary>
    public const string Transport = "transport";

    /// <summary>ECDH only: encryption of messages.</summary>
    public const string Encryption = "encryption";

    /// <summary>ECDH only: shares of data keys.</summary>
    public const string Share = "share";

    /// <summary>Every purpose there is.</summary>
    public static IReadOnlySet<string> All { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        Consensus, Checkpoint, Receipt, Record, Status, Operator, Client, Token, Transport, Encryption, Share,
    };
}
