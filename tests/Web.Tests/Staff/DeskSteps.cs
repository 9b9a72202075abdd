using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventLedger.Web.Tests.Staff;

/// <summary>Steps that journeys of registrars have in common: a taxi licence, whose driver is protected.</summary>
internal static class DeskSteps
{
    public const string Title = "Taxi licence of the desk", Vct = "urn:eventledger:desk-taxi:1";

    private static readonly SemaphoreSlim Registering = new(1, 1);
    private static bool isRegistered;

    /// <summary>Registers the format, once.</summary>
    public static async Task Format(Portal portal)
    {
        var ledger = await portal.Ledger();
        await Registering.WaitAsync();
        try
        {
            if (isRegistered)
            {
                return;
            }
            var sample = Path.Combine(AccessibilityTests.ProjectDirectory(), "..", "..", "samples", "taxi-licences", "taxi-licence.format.json");
            var format = (JsonObject)JsonNode.Parse(await File.ReadAllTextAsync(sample))!;
            (format["id"], format["title"]) = ("desk-taxi", Title);
            // The driver may be left away here, so that a renewal could lose it without breaking the format.
            format["schema"]!["required"] = new JsonArray("number", "vehicle");
            var file = Path.Combine(ledger.Data, "desk-taxi.format.json");
            await File.WriteAllTextAsync(file, format.ToJsonString());
            await ledger.MustRun("format", file, "--operator", Path.Combine(ledger.Data, "operators", "operator-1.json"));
            await ledger.AllSealed();
            await ledger.AllProjected();
            isRegistered = true;
        }
        finally
        {
            Registering.Release();
        }
    }

    /// <summary>A registrar on the page where an issue begins.</summary>
    public static async Task<IPage> Begin(Portal portal, bool phone = false)
    {
        await Format(portal);
        var page = await portal.SignedIn("registrar", phone, path: "/staff/desk/issue");
        await page.GetByRole(AriaRole.Link, new() { Name = Title }).ClickAsync();
        return page;
    }

    /// <summary>Answers one question and goes on.</summary>
    public static async Task Answer(IPage page, string question, string answer)
    {
        await page.GetByLabel(question).FillAsync(answer);
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
    }

    /// <summary>Answers all questions, as far as the check.</summary>
    public static async Task ToCheck(IPage page, string number)
    {
        await Answer(page, "Licence number", number);
        await Answer(page, "Number plate", "SF 42 TX");
        await Answer(page, "Where it may take passengers", "Harbour");
        await Answer(page, "Runs until", "2031-12-31");
        await Answer(page, "Driver", "Maria Rossi");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check your answers" })).ToBeVisibleAsync();
    }

    /// <summary>From the check to the confirmation, or to the page of what waits for a second registrar.</summary>
    public static async Task Sign(IPage page, string where = "signed")
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on to sign" }).ClickAsync();
        try
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" }).ClickAsync();
            await page.WaitForURLAsync($"**/staff/desk/{where}/**");
        }
        catch (TimeoutException e)
        {
            // Where it stood instead is all that can be known afterwards.
            throw new TimeoutException($"{e.Message}\n{page.Url}:\n{await page.Locator("body").InnerTextAsync()}", e);
        }
    }

    /// <summary>Issues a licence and draws up a correction of it, which one registrar has signed: the page where it waits.</summary>
    public static async Task<IPage> Correction(Portal portal, string number, bool phone = false)
    {
        var page = await Begin(portal, phone);
        await ToCheck(page, number);
        await Sign(page);
        await (await portal.Ledger()).AllProjected();
        await page.GotoAsync(await portal.Url($"/staff/desk/licence/{number}"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Correct" }).ClickAsync();
        await Answer(page, "Driver", "Mario Rossi");
        await Answer(page, "Why is it corrected?", "The number plate was misread");
        await page.GetByRole(AriaRole.Link, new() { Name = "Change Number plate" }).ClickAsync();
        await Expect(page.GetByLabel("Number plate")).ToHaveValueAsync("SF 42 TX");
        await Answer(page, "Number plate", "SF 99 TX");
        await Expect(page.GetByText("Stands now: SF 42 TX")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Change Licence number" })).ToHaveCountAsync(0);
        await Sign(page, "waiting");
        return page;
    }

    /// <summary>How many entries name a licence, from the ledger itself.</summary>
    public static async Task<int> Entries(Portal portal, string number) =>
        (await (await portal.Ledger()).Get($"/u2s/v1/licences/{number}/history")).Body["steps"] is JsonArray steps ? steps.Count : 0;
}
