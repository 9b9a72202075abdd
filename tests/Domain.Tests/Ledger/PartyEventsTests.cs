using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

public sealed class PartyEventsTests
{
    private const string Uri = "https://portal.example/app";

    private readonly RulesChain chain = RulesChain.WithSource();
    private readonly SigningKey client = Keys.Generate(KeyPurpose.Client);

    private static string Stream => EventTable.ApplicationStream(Uri);

    [Fact]
    public void An_organisation_is_registered_once_and_changed_after()
    {
        chain.Control(EventTable.OrganisationChanged, "organisation-city", new() { ["id"] = "city", ["name"] = "x" }).ShouldBe(RejectionCode.OrganisationUnknown);
        chain.Organise("city").ShouldBeNull();
        chain.Organise("city").ShouldBe(RejectionCode.OrganisationKnown);
        chain.Control(EventTable.OrganisationChanged, "organisation-city", new() { ["id"] = "city", ["name"] = "The City", ["contact"] = "office@city.example" }).ShouldBeNull();
        chain.State.Registry.Organisations["city"].ShouldBe(new("city", "The City", "office@city.example", null));
        chain.Control(EventTable.OrganisationRegistered, "organisation-x", new() { ["id"] = "y", ["name"] = "Y" }).ShouldBe(RejectionCode.StreamWrong);
    }

    [Fact, Y4561("N-8.3-b")]
    public void An_application_proves_its_key_belongs_to_an_organisation_and_subscribes_until_a_time()
    {
        Approve(client).ShouldBe(RejectionCode.OrganisationUnknown);
        chain.Organise("city").ShouldBeNull();
        chain.Append(EventTable.ApplicationRequested, Stream, Uri, new() { ["request"] = Request(client) }).ShouldBeNull();
        chain.Append(EventTable.ApplicationRequested, Stream, "somebody", new() { ["request"] = Request(client) }).ShouldBe(RejectionCode.DataMalformed);
        Approve(client).ShouldBeNull();
        Approve(client).ShouldBe(RejectionCode.KeyKnown);
        var key = chain.State.Registry.Keys[client.Public.Kid];
        (key.Owner, key.Purpose).ShouldBe((Uri, KeyPurpose.Client));
        JsonObject open = new()
        {
            ["uri"] = Uri, ["id"] = "s1", ["service"] = "query", ["scopes"] = new JsonArray("u2s.query"), ["purpose"] = "planning", ["notAfter"] = "2027-01-01T00:00:00.000Z",
        };
        chain.Control(EventTable.SubscriptionOpened, Stream, open).ShouldBe(RejectionCode.ServiceUnknown);
        chain.Control(EventTable.ServiceSet, "service-query", new() { ["id"] = "query", ["title"] = "Query", ["enabled"] = true, ["profiles"] = new JsonArray("json") }).ShouldBeNull();
        chain.Control(EventTable.SubscriptionOpened, Stream, open).ShouldBeNull();
        chain.Control(EventTable.SubscriptionOpened, Stream, open).ShouldBe(RejectionCode.SubscriptionKnown);
        JsonObject close = new() { ["uri"] = Uri, ["id"] = "s1", ["reason"] = "over" };
        chain.Control(EventTable.SubscriptionClosed, Stream, close).ShouldBeNull();
        chain.Control(EventTable.SubscriptionClosed, Stream, close).ShouldBe(RejectionCode.SubscriptionUnknown);
        chain.State.Registry.Subscriptions[(Uri, "s1")].Closed.ShouldBeTrue();
    }

    [Fact]
    public void An_application_is_suspended_reinstated_and_retired_and_its_key_revoked_on_its_own_stream()
    {
        chain.Organise("city").ShouldBeNull();
        Approve(client).ShouldBeNull();
        JsonObject why = new() { ["uri"] = Uri, ["reason"] = "inquiry" };
        chain.Control(EventTable.ApplicationReinstated, Stream, why).ShouldBe(RejectionCode.ApplicationInactive);
        chain.Control(EventTable.ApplicationSuspended, Stream, why).ShouldBeNull();
        Approve(Keys.Generate(KeyPurpose.Client)).ShouldBe(RejectionCode.ApplicationInactive);
        chain.Control(EventTable.ApplicationReinstated, Stream, why).ShouldBeNull();
        Approve(Keys.Generate(KeyPurpose.Client)).ShouldBeNull();
        JsonObject lost = new() { ["kid"] = client.Public.Kid, ["reason"] = "lost" };
        chain.Control(EventTable.KeyRevoked, EventTable.SourceStream(Uri), lost).ShouldBe(RejectionCode.StreamWrong);
        chain.Control(EventTable.KeyRevoked, Stream, lost).ShouldBeNull();
        chain.Control(EventTable.ApplicationRetired, Stream, why).ShouldBeNull();
        chain.Control(EventTable.ApplicationReinstated, Stream, why).ShouldBe(RejectionCode.ApplicationInactive);
    }

    [Fact]
    public void A_profile_pins_formats_and_belongs_to_a_known_organisation()
    {
        JsonObject Profile(string organisation, params string[] formats) => new()
        {
            ["iss"] = RulesChain.Iss,
            ["profile"] = new JsonObject
            {
                ["assertion"] = false, ["quarantined"] = false, ["organisation"] = organisation, ["formats"] = new JsonArray([.. formats.Select(f => JsonValue.Create(f))]),
            },
        };
        var stream = EventTable.SourceStream(RulesChain.Iss);
        chain.Control(EventTable.SourceProfiled, stream, Profile("city")).ShouldBe(RejectionCode.OrganisationUnknown);
        chain.Organise("city").ShouldBeNull();
        chain.Control(EventTable.SourceProfiled, stream, Profile("city", "urn:eventledger:none:1")).ShouldBe(RejectionCode.FormatUnknown);
        chain.Control(EventTable.SourceProfiled, stream, Profile("city")).ShouldBeNull();
        chain.Submit("A1", chain.Record("A1", "j1")).ShouldBe(RejectionCode.SourceNotAllowed);
        chain.Control(EventTable.SourceProfiled, stream, Profile("city", "urn:eventledger:licence:1")).ShouldBeNull();
        chain.Submit("A1", chain.Record("A1", "j1")).ShouldBeNull();
    }

    private string Request(SigningKey key) => ApplicationRequest.Create(key, Uri, "Portal", "city", chain.Genesis.Chain, RulesChain.Start);

    private string? Approve(SigningKey key) => chain.Control(EventTable.ApplicationApproved, Stream, new() { ["request"] = Request(key), ["scopes"] = new JsonArray("u2s.query") });
}
