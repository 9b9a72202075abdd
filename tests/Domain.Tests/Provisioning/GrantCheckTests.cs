using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger.Formats;
using EventLedger.Domain.Provisioning;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Provisioning;

public sealed class GrantCheckTests
{
    private static readonly LedgerTime Noon = new(1_767_268_800_000);
    private static readonly GrantTerms Grant = new("g-1", "city", "permit", ["holder"], "inspection", Noon);
    private static readonly FieldRequest Request = new("city", ["permit", "trade", "economy"], "holder", FieldClass.Personal, "inspection", Noon);

    [Fact]
    public void A_public_field_needs_nothing() =>
        GrantCheck.Decide(Request with { Party = null, Purpose = null, Class = FieldClass.Public }, []).ShouldBe(new GrantDecision.Allowed(null));

    [Fact]
    public void A_grant_for_data_set_field_and_purpose_allows_until_its_last_moment()
    {
        GrantCheck.Decide(Request, [Grant]).ShouldBe(new GrantDecision.Allowed("g-1"));
        GrantCheck.Decide(Request with { Time = Noon.PlusMs(1) }, [Grant]).ShouldBe(new GrantDecision.Refused(GrantRefusal.Expired, "g-1"));
    }

    [Fact]
    public void What_is_granted_above_holds_below_and_not_the_other_way()
    {
        GrantCheck.Decide(Request, [Grant with { Dataset = "economy", Fields = [] }]).ShouldBe(new GrantDecision.Allowed("g-1"));
        GrantCheck.Decide(Request with { Datasets = ["economy"] }, [Grant]).ShouldBe(new GrantDecision.Refused(GrantRefusal.NoGrant, null));
    }

    [Theory]
    [InlineData(null, "holder", "inspection", GrantRefusal.PartyUnknown, null)]
    [InlineData("city", "holder", null, GrantRefusal.PurposeMissing, null)]
    [InlineData("county", "holder", "inspection", GrantRefusal.NoGrant, null)]
    [InlineData("city", "phone", "inspection", GrantRefusal.OtherField, "g-1")]
    [InlineData("city", "holder", "research", GrantRefusal.OtherPurpose, "g-1")]
    public void A_refusal_says_what_is_missing(string? party, string field, string? purpose, string reason, string? nearest) =>
        GrantCheck.Decide(Request with { Party = party, Field = field, Purpose = purpose }, [Grant]).ShouldBe(new GrantDecision.Refused(reason, nearest));

    // The law: a field that is not public is read under exactly those sets of grants that hold one which names all five, whatever else they hold and in whatever order.
    [Fact]
    [Y4561("D-7.2.2-b")]
    public void Random_grants_allow_what_one_of_them_names_and_nothing_else() => Prop.ForAll(Cases.ToArbitrary(), x =>
    {
        var (request, grants) = x;
        var fitting = grants.Where(g => g.Party == request.Party && request.Datasets.Contains(g.Dataset) && (g.Fields.Count == 0 || g.Fields.Contains(request.Field))
            && g.Purpose == request.Purpose && request.Time <= g.NotAfter).Select(g => g.Id).ToList();
        var decision = GrantCheck.Decide(request, grants);
        GrantCheck.Decide(request, grants.AsEnumerable().Reverse()).ShouldBe(decision);
        switch (decision)
        {
            case GrantDecision.Allowed { Grant: null }:
                request.Class.ShouldBe(FieldClass.Public);
                break;
            case GrantDecision.Allowed { Grant: { } id }:
                fitting.ShouldContain(id);
                break;
            case GrantDecision.Refused refused:
                fitting.ShouldBeEmpty();
                request.Class.ShouldNotBe(FieldClass.Public);
                // One grant more can never take away what was allowed, and the fitting one turns any refusal of a known party.
                if (request is { Party: { } party, Purpose: { } purpose })
                {
                    GrantCheck.Decide(request, grants.Append(new("new", party, request.Datasets[0], [request.Field], purpose, request.Time))).ShouldBe(new GrantDecision.Allowed("new"));
                }
                else
                {
                    refused.Nearest.ShouldBeNull();
                }
                break;
        }
    }).QuickCheckThrowOnFailure();

    private static readonly Gen<string> Party = Gen.Elements("city", "county"), Dataset = Gen.Elements("permit", "trade", "economy", "health"),
        Field = Gen.Elements("holder", "phone"), Purpose = Gen.Elements("inspection", "research");

    private static readonly Gen<LedgerTime> Time = Gen.Choose(-1, 1).Select(ms => Noon.PlusMs(ms));

    private static readonly Gen<GrantTerms> Grants =
        from party in Party
        from dataset in Dataset
        from fields in Gen.SubListOf("holder", "phone")
        from purpose in Purpose
        from until in Time
        from id in Gen.Choose(1, 1000)
        select new GrantTerms($"g-{id}", party, dataset, [.. fields], purpose, until);

    private static readonly Gen<(FieldRequest, List<GrantTerms>)> Cases =
        from party in Gen.OneOf(Party.Select(p => (string?)p), Party.Select(p => (string?)p), Gen.Constant((string?)null))
        from datasets in Gen.Elements<string[]>(["permit"], ["permit", "trade"], ["permit", "trade", "economy"])
        from field in Field
        from fieldClass in Gen.Elements(FieldClass.Public, FieldClass.Personal, FieldClass.Restricted)
        from purpose in Gen.OneOf(Purpose.Select(p => (string?)p), Purpose.Select(p => (string?)p), Gen.Constant((string?)null))
        from time in Time
        from grants in Gen.ListOf(Grants)
        select (new FieldRequest(party, datasets, field, fieldClass, purpose, time), grants.DistinctBy(g => g.Id).ToList());
}
