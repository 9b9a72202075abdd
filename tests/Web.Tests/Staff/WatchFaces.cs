namespace EventLedger.Web.Tests.Staff;

/// <summary>Every page of supervision as everybody may have it: phone and desktop, light, dark and forced colours, three languages.</summary>
public sealed class WatchFaces(Portal portal)
{
    private static readonly string[] Pages =
    [
        "/staff/live", "/staff/boards?range=1h", "/staff/boards/sealing?range=1h", "/staff/boards/delivery?range=1h", "/staff/times?range=1h", "/staff/audits", "/staff/audits/new", "/staff/audits/new?at=2",
        "/staff/audits/new?at=3", "/staff/audits/new?at=4", "/staff/consistency", "/staff/findings", "/staff/alerts", "/staff/accesses", "/staff/scorecards", "/staff/evidence", "/staff/events", "/staff/events/1",
        "/staff/events/99999999", "/staff/search?q=7", "/staff/search?q=taco", "/staff/search?q=no-such-word", "/staff/supervise/finding_opened",
        "/staff/supervise/finding_opened?look=1&id=face&kind=late&text=Something", "/staff/supervise/alert_rule_set", "/staff/supervise/report_sealed?look=1&id=none",
    ];

    [Theory]
    [InlineData(true, false, false, "en"), InlineData(false, true, false, "es"), InlineData(true, true, false, "ar-XB"), InlineData(false, false, true, "en")]
    public async Task The_pages_of_supervision_have_no_fault(bool phone, bool dark, bool forced, string language)
    {
        var page = await portal.SignedIn("supervisor", phone, dark, forced, language: language);
        var faults = new List<string>();
        foreach (var path in Pages)
        {
            await page.GotoAsync(await portal.Url(path));
            faults.AddRange((await Portal.Faults(page)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(f => $"{path}: {f}"));
        }
        faults.ShouldBeEmpty();
    }
}
