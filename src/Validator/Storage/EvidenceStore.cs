using System.Collections.Immutable;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Storage;

/// <summary>
/// Evidence that this validator found, one small file each, named by what it is about; on disk when <see cref="Keep"/> returns. Whoever signs against the rules
/// without end fills its own places and nobody else's.
/// </summary>
public sealed class EvidenceStore
{
    /// <summary>How much is kept against one validator: one proof is enough to act on, and these show whether it goes on.</summary>
    public const int PerMemberMax = 64;

    private readonly string directory;
    private volatile ImmutableSortedDictionary<Digest, Evidence> kept = ImmutableSortedDictionary<Digest, Evidence>.Empty;

    /// <summary>Opens the directory, which may be missing, and reads what still holds; a damaged file is left where it is and not shown.</summary>
    /// <param name="directory">Where the files are.</param>
    /// <param name="isValid">Whether evidence holds on this chain.</param>
    public EvidenceStore(string directory, Func<Evidence, bool> isValid)
    {
        this.directory = directory;
        Directory.CreateDirectory(directory);
        foreach (var file in Directory.EnumerateFiles(directory, "*.json").Order(StringComparer.Ordinal))
        {
            if (Evidence.TryParse(File.ReadAllBytes(file), out var evidence) && file == PathOf(evidence) && isValid(evidence))
            {
                kept = kept.Add(evidence.Key, evidence);
            }
        }
    }

    /// <summary>All of it, in a fixed order; a snapshot.</summary>
    public IReadOnlyCollection<Evidence> All => [.. kept.Values];

    /// <summary>
    /// Keeps evidence that was found, once for each misbehaviour; an answered accusation takes the place of the same one without answer. Answers have places of
    /// their own, of which the lowest height goes first: an honest validator on a bad network needs many, and they hide nothing.
    /// </summary>
    public void Keep(Evidence evidence)
    {
        var (known, isAnswered) = (kept.GetValueOrDefault(evidence.Key), evidence.Answer is not null);
        if (known is not null && (known.Answer is not null || !isAnswered))
        {
            return;
        }
        var alike = kept.Values.Where(e => e.Kid == evidence.Kid && e.Answer is not null == isAnswered).ToList();
        if (alike.Count >= PerMemberMax)
        {
            if (!isAnswered)
            {
                return;
            }
            var oldest = alike.MinBy(e => e.Height)!;
            File.Delete(PathOf(oldest));
            kept = kept.Remove(oldest.Key);
        }
        DiskFiles.Replace(new FileDisk(directory), Path.GetFileName(PathOf(evidence)), evidence.ToBytes());
        kept = kept.SetItem(evidence.Key, evidence);
    }

    private string PathOf(Evidence evidence) => Path.Combine(directory, $"{evidence.Key}.json");
}
