namespace EventLedger.Web.Tests.Staff;

/// <summary>The registrar's pages by the rules of WCAG that a machine can check, on a phone and on a desk, in every language and colour.</summary>
public sealed class DeskAccessibility(Portal portal)
{
    private static readonly string[] Pages =
    [
        "/staff/desk", "/staff/desk?within=over", "/staff/desk/issue", "/staff/desk/issue?vct=urn:eventledger:mobile-food-permit:1&d=axe&q=permit",
        "/staff/desk/issue?vct=urn:eventledger:mobile-food-permit:1&d=axe&q=permit&wrong=pattern", "/staff/desk/issue?vct=urn:eventledger:mobile-food-permit:1&d=axe&q=registerStatus",
        "/staff/desk/issue?vct=urn:eventledger:mobile-food-permit:1&d=axe&q=check", "/staff/desk/issue?vct=urn:eventledger:mobile-food-permit:1&act=correct&number=21MFF-00015&d=axe2&q=check",
        "/staff/desk/licence/21MFF-00015", "/staff/desk/licence/none", "/staff/desk/licence/21MFF-00015/revoked?iss=https://sfpublicworks.example/mobile-food&format=mobile-food-permit",
        "/staff/desk/certificate/21MFF-00015", "/staff/desk/certificate/none", "/staff/desk/counter", "/staff/desk/counter?number=21MFF-00015", "/staff/desk/counter?number=none", "/staff/desk/batch", "/staff/desk/signed/1",
    ];

    [Theory]
    [InlineData("TX-1021", false, false, false, null)]
    [InlineData("TX-1022", true, true, false, "es")]
    [InlineData("TX-1023", true, false, false, "ar-XB")]
    [InlineData("TX-1024", false, false, true, null)]
    public async Task Nothing_is_in_the_way(string correction, bool phone, bool dark, bool forced, string? language)
    {
        var waiting = new Uri((await DeskSteps.Correction(portal, correction)).Url).AbsolutePath;
        var faults = new List<string>();
        foreach (var (who, pages) in new[] { ("registrar", (string[])[.. Pages, waiting]), ("registrar-2", ["/staff/desk", waiting, "/staff/desk/waiting/none"]) })
        {
            var page = await portal.SignedIn(who, phone, dark, forced, language: language);
            foreach (var path in pages)
            {
                await page.GotoAsync(await portal.Url(path));
                if (await Portal.Faults(page) is { Length: > 0 } found)
                {
                    faults.Add($"{who} {path}: {found}");
                }
            }
            await page.Context.DisposeAsync();
        }
        faults.ShouldBeEmpty();
    }
}
