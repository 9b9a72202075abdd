using System.Collections.Immutable;
using EventLedger.Api.Http;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Identity;

/// <summary>The most that a token can say, by who asks for it. Pure, so that one table of tests holds it.</summary>
public static class Ceiling
{
    /// <summary>A source: its own door alone; a suspended one may look, not submit.</summary>
    public static ImmutableSortedSet<string> OfSource(SourceState state) => state switch
    {
        SourceState.Active => [Scope.R2dRead, Scope.R2dSubmit],
        SourceState.Suspended => [Scope.R2dRead],
        _ => [],
    };

    /// <summary>An application: what operators approved, at the door of data users alone.</summary>
    public static ImmutableSortedSet<string> OfApplication(Application application) =>
        [.. application.Scopes.Where(s => Scope.All.Contains(s) && s.StartsWith("u2s.", StringComparison.Ordinal))];

    /// <summary>A person: what the roles need. Whoever signed in by password may read and draft, nothing else.</summary>
    public static ImmutableSortedSet<string> OfPerson(IReadOnlyCollection<string> roles, string strength)
    {
        var scopes = ImmutableSortedSet<string>.Empty.Union(roles.SelectMany(OfRole));
        return strength == Strength.Key ? scopes : [.. scopes.Where(s => s.EndsWith(".read", StringComparison.Ordinal) || s == Scope.O2cDraft)];
    }

    private static string[] OfRole(string role) => role switch
    {
        Role.Operator => [Scope.U2sRead, Scope.U2sQuery, Scope.U2sSubscribe, Scope.O2cRead, Scope.O2cDraft],
        Role.Registrar => [Scope.U2sRead, Scope.U2sQuery, Scope.U2sSubscribe, Scope.U2sDisclose, Scope.R2dRead, Scope.R2dSubmit],
        Role.Notary => [Scope.U2sRead, Scope.U2sQuery, Scope.U2sSubscribe, Scope.U2sDisclose],
        Role.Supervisor => [Scope.U2sRead, Scope.U2sQuery, Scope.U2sSubscribe, Scope.U2sDisclose, Scope.V2mRead, Scope.V2mAct],
        _ => [],
    };
}
