using EventLedger.Api.Identity;
using EventLedger.Domain.Ledger;
using Microsoft.AspNetCore.Http.Metadata;

namespace EventLedger.Api.Http;

/// <summary>Who may call an endpoint. Every endpoint names one by <see cref="Access.Need"/>; one without is refused by <see cref="Access"/> and by a test.</summary>
public sealed class Policy
{
    private Policy(string name, CallerKind[] kinds, string[]? roles = null) => (Name, Kinds, Roles) = (name, kinds, roles ?? []);

    /// <summary>Anybody. A token that is brought all the same must be a good one: whoever sends it believes to be known.</summary>
    public static Policy Public { get; } = new("public", []);

    /// <summary>Anybody: what counts is the proof inside the body (a source's or people's signatures). No token is looked at.</summary>
    public static Policy Signed { get; } = new("signed", []);

    /// <summary>A registered source.</summary>
    public static Policy Source { get; } = new("source", [CallerKind.Source]);

    /// <summary>A data user: an approved application, or a member of the staff.</summary>
    public static Policy User { get; } = new("user", [CallerKind.Application, CallerKind.Person]);

    /// <summary>A person who may control the ledger.</summary>
    public static Policy Operator { get; } = new("operator", [CallerKind.Person], [Role.Operator]);

    /// <summary>A person who may issue for a source.</summary>
    public static Policy Registrar { get; } = new("registrar", [CallerKind.Person], [Role.Registrar]);

    /// <summary>A person who co-signs certificates.</summary>
    public static Policy Notary { get; } = new("notary", [CallerKind.Person], [Role.Notary]);

    /// <summary>A person who watches the ledger.</summary>
    public static Policy Supervisor { get; } = new("supervisor", [CallerKind.Person], [Role.Supervisor]);

    /// <summary>A person with any role.</summary>
    public static Policy Staff { get; } = new("staff", [CallerKind.Person], [Role.Operator, Role.Registrar, Role.Notary, Role.Supervisor]);

    /// <summary>A person with a session, whatever the role: <c>/identity</c> alone, where people look after themselves.</summary>
    public static Policy Session { get; } = new("session", [CallerKind.Person]);

    /// <summary>As it is called in documents.</summary>
    public string Name { get; }

    /// <summary>Which kinds of callers; none where anybody may.</summary>
    public IReadOnlyList<CallerKind> Kinds { get; }

    /// <summary>Of which a person must have one.</summary>
    public IReadOnlyList<string> Roles { get; }

    /// <summary>Whether nobody is asked who they are.</summary>
    public bool IsOpen => Kinds.Count == 0;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>An endpoint's policy, as its metadata.</summary>
/// <param name="Policy">Who may call.</param>
/// <param name="Scope">Scope that a token must have; null for the reference point's default.</param>
public sealed record Needed(Policy Policy, string? Scope)
{
    /// <summary>The reference point by an endpoint's tag, in the spelling of audiences; null for an endpoint that belongs to none of the four outer ones.</summary>
    public static string? PointOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<ITagsMetadata>()?.Tags is [var tag, ..] && tag is "R2D" or "U2S" or "O2C" or "V2M"
        ? tag.ToLowerInvariant()
        : null;

    /// <summary>The scope that a call needs.</summary>
    public string ScopeOf(string point, string method) => Scope ?? Http.Scope.DefaultOf(point, HttpMethods.IsGet(method) || HttpMethods.IsHead(method));
}
