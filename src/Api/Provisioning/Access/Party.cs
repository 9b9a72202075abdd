using EventLedger.Api.Identity;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Provisioning.Access;

/// <summary>For whom a caller reads.</summary>
/// <param name="Caller">Who calls.</param>
/// <param name="Organisation">The organisation that grants are issued to; null where the caller acts for none.</param>
/// <param name="IsSupervisor">Whether the caller watches the ledger: then a purpose is enough, and the read is an event all the same.</param>
public sealed record Party(Caller Caller, string? Organisation, bool IsSupervisor)
{
    /// <summary>The party of a caller as the ledger has it now: an application's organisation, or that of a person's role.</summary>
    public static Party Of(Caller caller, Registry registry) => new(caller, caller.Organisation ?? (caller.Kind switch
    {
        CallerKind.Application => registry.Applications.GetValueOrDefault(caller.Id)?.Organisation,
        CallerKind.Person => caller.Roles.Select(r => registry.Terms.GetValueOrDefault((caller.Id, r))?.Organisation).FirstOrDefault(o => o is not null),
        _ => null,
    }), caller.Is(Role.Supervisor));
}
