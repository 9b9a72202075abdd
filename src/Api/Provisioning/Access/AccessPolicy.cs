using EventLedger.Api.Host;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Ledger.Formats;
using EventLedger.Domain.Provisioning;

namespace EventLedger.Api.Provisioning.Access;

/// <summary>What the ledger says at one moment about who may read what: the rule is <see cref="GrantCheck"/>, its facts are the registry's.</summary>
public sealed class AccessPolicy(Registry registry, long seq, LedgerTime now)
{
    /// <summary>The policy as of now. It counts from the moment an act of authority is taken in, not only from its seal.</summary>
    public static AccessPolicy Now(HostState state, TimeProvider clock)
    {
        var (registry, seq) = state.Now;
        return new(registry, seq, LedgerTime.From(clock.GetUtcNow()));
    }

    /// <summary>The last entry that this policy takes into account; it names the version of the policy.</summary>
    public long Seq => seq;

    /// <summary>What everybody's keys, roles and grants are.</summary>
    public Registry Registry => registry;

    /// <summary>When it is judged.</summary>
    public LedgerTime Time => now;

    /// <summary>Decides on one field of a format.</summary>
    /// <param name="organisation">Who asks; null for nobody that is known.</param>
    /// <param name="vct">The format version.</param>
    /// <param name="field">The field.</param>
    /// <param name="purpose">What for.</param>
    public GrantDecision Decide(string? organisation, string vct, string field, string? purpose)
    {
        var format = registry.Formats[vct].Format;
        return GrantCheck.Decide(new(organisation, Above(format.Id), field, format.Fields.GetValueOrDefault(field, FieldClass.Restricted), purpose, now), Grants);
    }

    /// <summary>The same policy if some grants were issued and others revoked.</summary>
    public AccessPolicy Supposing(IEnumerable<Grant> issued, IEnumerable<string> revoked)
    {
        var grants = registry.Grants.RemoveRange(revoked);
        return new(registry with { Grants = grants.SetItems(issued.Select(g => KeyValuePair.Create(g.Id, g))) }, seq, now);
    }

    /// <summary>The grants of an organisation, those that ran out or were revoked too.</summary>
    public IEnumerable<Grant> GrantsOf(string? organisation) => registry.Grants.Values.Where(g => g.Party == organisation).OrderBy(g => g.Id, StringComparer.Ordinal);

    /// <summary>Where a grant stands.</summary>
    public string StandingOf(Grant grant) => grant.Revoked ? "revoked" : now > grant.NotAfter ? "expired" : "in-force";

    /// <summary>Whom to ask about a format: the owner of its node in the directory, or of the nearest node above that has one.</summary>
    public Organisation? OwnerOf(string format)
    {
        for (var node = NodeOf(format); node is not null; node = node.Parent is { } parent ? registry.Directory.GetValueOrDefault(parent) : null)
        {
            if (node.Owner is { } owner)
            {
                return registry.Organisations.GetValueOrDefault(owner);
            }
        }
        return null;
    }

    // Whatever stands above a format: a grant on a sector reaches every data set in it.
    private List<string> Above(string format)
    {
        var names = new List<string> { format };
        for (var node = NodeOf(format); node is not null; node = node.Parent is { } parent ? registry.Directory.GetValueOrDefault(parent) : null)
        {
            names.Add(node.Id);
        }
        return names;
    }

    private DirectoryNode? NodeOf(string format) => registry.Directory.Values.Where(n => n.Format == format).OrderBy(n => n.Id, StringComparer.Ordinal).FirstOrDefault();

    // A list that names the star is meant as all fields of the data set.
    private IEnumerable<GrantTerms> Grants => registry.Grants.Values.Where(g => !g.Revoked)
        .Select(g => new GrantTerms(g.Id, g.Party, g.Dataset, g.Fields.Contains("*") ? [] : g.Fields, g.Purpose, g.NotAfter));
}
