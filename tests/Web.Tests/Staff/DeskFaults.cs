using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventLedger.Web.Tests.Staff;

/// <summary>The registrar's desk while the host is gone.</summary>
[Collection(Alone.Name)]
public sealed class DeskFaults(Portal portal)
{
    [Fact]
    public async Task A_host_that_dies_at_the_check_and_again_at_the_signature_loses_nothing()
    {
        const string Number = "TX-2001";
        var ledger = await portal.Ledger();
        var page = await DeskSteps.Begin(portal);
        await DeskSteps.ToCheck(page, Number);
        await Gone(page, "Go on to sign");
        await page.ReloadAsync();
        await Expect(page.GetByText("Maria Rossi")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on to sign" }).ClickAsync();
        await Gone(page, "Sign with the key in this browser");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" }).ClickAsync();
        await page.WaitForURLAsync("**/staff/desk/signed/**");
        await ledger.AllSealed();
        await ledger.AllProjected();
        (await DeskSteps.Entries(portal, Number)).ShouldBe(1);
        await page.Context.DisposeAsync();
    }

    private async Task Gone(IPage page, string button)
    {
        var ledger = await portal.Ledger();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = button })).ToBeVisibleAsync();
        ledger.KillHost();
        try
        {
            await page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("nothing was done");
        }
        finally
        {
            ledger.StartHost();
            await ledger.Ready();
        }
    }
}
