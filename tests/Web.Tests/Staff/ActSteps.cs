using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventLedger.Web.Tests.Staff;

/// <summary>Steps that journeys of operators have in common.</summary>
internal static partial class ActSteps
{
    public static async Task Look(Portal portal, IPage page, string id, string name)
    {
        await page.GotoAsync(await portal.Url("/staff/act/register/organisation"));
        await page.GetByLabel("Id").FillAsync(id);
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "See what it would do" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check what it would do" })).ToBeFocusedAsync();
    }

    public static async Task<int> Drafts(Portal portal, IPage page, string stream) =>
        JsonNode.Parse(await (await page.APIRequest.GetAsync(await portal.Url("/staff/file?path=/o2c/v1/requests"))).TextAsync())!["requests"]!.AsArray().Count(r => r!["stream"]!.GetValue<string>() == stream);

    [GeneratedRegex("/staff/requests/[A-Za-z0-9_-]+")]
    public static partial Regex RequestAddress();
}
