namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Who may see a field of a record. Each format says it for each of its fields.</summary>
public enum FieldClass
{
    /// <summary>Everyone: a plain claim, sealed as it is.</summary>
    Public,

    /// <summary>It speaks of a person: a disclosure, which goes with the erasure of that person's key.</summary>
    Personal,

    /// <summary>Only those with a grant: a disclosure.</summary>
    Restricted,
}
