namespace EventLedger.Web.Tests.Staff;

/// <summary>Every page of supervision as everybody may have it: phone and desktop, light, dark and forced colours, three languages.</summary>
public sealed class WatchFaces(Portal portal)
{
    public static TheoryData<string> Pages =>
    [
        "/staff/live", "/staff/boards?range=1h", "/staff/boards/sealing?range=1h", "/staff/boards/delivery?range=1h", "/staff/times?range=1h", "/staff/audits", "/staff/audits/new", "/staff/audits/new?at=2",
        "/staff/audits/new?at=3", "/staff/audits/new?at=4", "/staff/consistency", "/staff/findings", "/staff/alerts", "/staff/accesses", "/staff/scorecards", "/staff/evidence", "/staff/events", "/staff/events/1",
        "/staff/events/99999999", "/staff/search?q=7", "/staff/search?q=taco", "/staff/search?q=no-such-word", "/staff/supervise/finding_opened",
        "/staff/supervise/finding_opened?look=1&id=face&kind=late&text=Something", "/staff/supervise/alert_rule_set", "/staff/supervise/report_sealed?look=1&id=none",
    ];

    [Theory, MemberData(nameof(Pages))]
    public async Task A_page_of_supervision_has_no_fault(string path)
    {
        foreach (var (phone, dark, forced, language) in new[] { (true, false, false, "en"), (false, true, false, "es"), (true, true, false, "ar-XB"), (false, false, true, "en") })
        {
            var page = await portal.SignedIn("supervisor", phone, dark, forced, path, language);
            (await Portal.Faults(page)).ShouldBeEmpty($"{path} phone={phone} dark={dark} forced={forced} {language}");
            await page.Context.DisposeAsync();
        }
    }
}
