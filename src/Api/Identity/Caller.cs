using System.Collections.Immutable;

namespace EventLedger.Api.Identity;

/// <summary>What kind of party calls.</summary>
public enum CallerKind
{
    /// <summary>Nobody that is known.</summary>
    Anonymous,

    /// <summary>A registered source.</summary>
    Source,

    /// <summary>An approved application of a data user.</summary>
    Application,

    /// <summary>A person by pseudonym.</summary>
    Person,
}

/// <summary>
/// Who calls. A handler takes it as a parameter of this type, or asks <see cref="Of"/>; by then the endpoint's policy and scope hold, and what the handler
/// still has to judge is whose object it is.
/// </summary>
/// <param name="Kind">What kind of party.</param>
/// <param name="Id">A source's or application's URI, a person's pseudonym; empty for nobody.</param>
/// <param name="Organisation">Id of the organisation that it acts for; null where none is known.</param>
/// <param name="Roles">A person's roles as the ledger has them now.</param>
/// <param name="Scopes">What the token may be used for.</param>
/// <param name="Session">A person's sign-in; null for machines.</param>
public sealed record Caller(CallerKind Kind, string Id, string? Organisation, ImmutableSortedSet<string> Roles, ImmutableSortedSet<string> Scopes, string? Session)
{
    /// <summary>Nobody that is known.</summary>
    public static Caller Anonymous { get; } = new(CallerKind.Anonymous, "", null, [], [], null);

    /// <summary>Whether somebody is known.</summary>
    public bool IsKnown => Kind != CallerKind.Anonymous;

    /// <summary>Whether a person has a role.</summary>
    public bool Is(string role) => Roles.Contains(role);

    /// <summary>The caller of a request.</summary>
    public static Caller Of(HttpContext http) => http.Features.Get<Caller>() ?? Anonymous;

    /// <summary>Lets handlers take a caller as a parameter.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext http) => ValueTask.FromResult(Of(http));
}
