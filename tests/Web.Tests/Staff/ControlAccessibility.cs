namespace EventLedger.Web.Tests.Staff;

/// <summary>The operator's pages by the rules of WCAG that a machine can check, on a phone and on a desk, in every language and colour.</summary>
public sealed class ControlAccessibility(Portal portal)
{
    private static readonly string[] Pages =
    [
        "/staff/health", "/staff/requests", "/staff/sources", "/staff/formats", "/staff/formats/mobile-food-permit", "/staff/formats/try", "/staff/directory", "/staff/grants?format=mobile-food-permit",
        "/staff/people", "/staff/validators", "/staff/parameters", "/staff/keys", "/staff/configuration", "/staff/runbooks/validator-down", "/staff/runbooks/none", "/staff/objects/organisations/public-works",
        "/staff/objects/none/none", "/staff/act/bind/role", "/staff/keys?q=nothing-like-this",
    ];

    [Theory]
    [InlineData(false, false, false, null)]
    [InlineData(true, true, false, "es")]
    [InlineData(true, false, false, "ar-XB")]
    [InlineData(false, false, true, null)]
    public async Task Nothing_is_in_the_way(bool phone, bool dark, bool forced, string? language)
    {
        var page = await portal.SignedIn("operator-1", phone, dark, forced, language: language);
        var faults = new List<string>();
        foreach (var path in Pages)
        {
            await page.GotoAsync(await portal.Url(path));
            if (await Portal.Faults(page) is { Length: > 0 } found)
            {
                faults.Add($"{path}: {found}");
            }
        }
        faults.ShouldBeEmpty();
    }
}
