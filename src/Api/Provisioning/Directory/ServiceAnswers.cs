using EventLedger.Api.Host;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Provisioning.Directory;

/// <summary>The catalogue of services.</summary>
public sealed record ServiceList(int Total, IReadOnlyList<ServiceView> Items);

/// <summary>A service that data users are offered.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Enabled">Whether it is open.</param>
/// <param name="Profiles">The forms in which it is offered.</param>
/// <param name="Requests">Most requests in a window for anybody; null for no bound.</param>
/// <param name="WindowSeconds">Length of that window in seconds; null for no bound.</param>
/// <param name="Docs">Where its interface is described.</param>
/// <param name="TryIt">An address that can be opened at once; null where it takes a body or a token.</param>
public sealed record ServiceView(string Id, string Title, bool Enabled, IReadOnlyList<string> Profiles, long? Requests, long? WindowSeconds, string Docs, string? TryIt);

/// <summary>Answers what services there are: those that every ledger has, and what operators set about them or beside them. Source: ITU-T Y.4561 (08/2020) 7.1.3.</summary>
public sealed class ServiceAnswers(HostState state)
{
    private const string Docs = "/openapi/v1.json#tag/U2S";

    private static readonly ServiceView[] Common =
    [
        new("query", "Query records by their fields", true, ["json", "csv", "ndjson"], null, null, Docs, null),
        new("search", "Search by number, hash, height or words", true, ["json"], null, null, Docs, "/u2s/v1/search?q=permit"),
        new("timestamps", "What existed before a time", true, ["json"], null, null, Docs, "/u2s/v1/timestamps?limit=10"),
        new("verify", "Judge a proof", true, ["json"], null, null, Docs, null),
        new("trace", "Where a record comes from", true, ["json", "prov-json", "csv"], null, null, Docs, null),
        new("disclose", "Fields that are not public, under a grant", true, ["json"], null, null, Docs, null),
        new("directory", "What data there is, and whose", true, ["json", "turtle", "json-ld"], null, null, Docs, "/u2s/v1/directory"),
        new("subscribe", "Be told what is sealed", true, ["cloudevents"], null, null, Docs, null),
    ];

    /// <summary>All of them.</summary>
    public ServiceList All()
    {
        var set = state.Registry.Services;
        List<ServiceView> items =
        [
            .. Common.Select(c => set.TryGetValue(c.Id, out var service) ? With(c, service) : c),
            .. set.Values.Where(s => !Common.Any(c => c.Id == s.Id)).OrderBy(s => s.Id, StringComparer.Ordinal).Select(s => With(new(s.Id, s.Title, s.Enabled, s.Profiles, null, null, Docs, null), s)),
        ];
        return new(items.Count, items);
    }

    /// <summary>One of them.</summary>
    public Answer<ServiceView> One(string id) => All().Items.FirstOrDefault(s => s.Id == id) is { } service
        ? service
        : new Problem("not-found", $"There is no service '{id}'. /u2s/v1/services lists them.");

    private static ServiceView With(ServiceView view, Service service) => view with
    {
        Title = service.Title,
        Enabled = service.Enabled,
        Profiles = service.Profiles.Count > 0 ? service.Profiles : view.Profiles,
        Requests = service.Quota?.Requests,
        WindowSeconds = service.Quota?.WindowSeconds,
    };
}
