using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Conformance.Support;
using EventLedger.Domain.Ledger;

namespace EventLedger.Conformance;

/// <summary>A second agency's workbook, as it was published, through the command line into the sealed log.</summary>
public sealed class ExcelImportTests
{
    private const string Iss = "https://minneapolis.example/health";

    private static string Samples => Path.Combine(Child.Root, "samples", "minneapolis-food-inspections");

    [Fact]
    [Y4561("D-7.2.1-b"), Y4561("D-7.3.4-d"), Y4561("D-7-a")]
    public async Task Every_row_of_the_workbook_is_a_sealed_record_and_a_second_run_adds_none()
    {
        await using var ledger = await TestLedger.Start();
        var (key, person) = (Path.Combine(ledger.Data, "health.json"), Path.Combine(ledger.Data, "operators", "operator-1.json"));
        await ledger.MustRun("keygen", "--purpose", "record", "--out", key);
        await ledger.MustRun("register", "--iss", Iss, "--name", "Health inspections", "--key", key);
        await ledger.MustRun("approve", "--iss", Iss, "--operator", person);
        await ledger.MustRun("format", Path.Combine(Samples, "food-inspection.format.json"), "--operator", person);
        string[] import = ["import", Path.Combine(Samples, "minneapolis-food-inspections.xlsx"), "--map", Path.Combine(Samples, "mapping.json"), "--iss", Iss, "--key", key,
            "--spool", Path.Combine(ledger.Data, "spool"), "--json"];

        var first = JsonNode.Parse(await ledger.MustRun(import))!;
        ((long)first["lines"]!, (long)first["accepted"]!, (long)first["refused"]!).ShouldBe((26_461, 26_461, 0));
        await ledger.AllSealed();
        await ledger.AllProjected();
        var again = JsonNode.Parse(await ledger.MustRun(import))!;
        ((long)again["accepted"]!).ShouldBe(26_461);
        (await ledger.Get("/u2s/v1/records?format=food-inspection&limit=1")).Body["total"]!.GetValue<long>().ShouldBe(26_461);
        (await ledger.Rows("select code from ledger_rejections")).ShouldBeEmpty();

        // The first row and one that lacks its licence number, cell by cell.
        using var record = await Payload(ledger, 1);
        var root = record.RootElement;
        root.GetProperty("inspectionId").GetString().ShouldBe("249685");
        root.GetProperty("business").GetString().ShouldBe("AINU SHAMS SUNRAY RESTAURANT & CAFE");
        root.GetProperty("inspectedOn").GetString().ShouldBe("2011-05-03");
        root.GetProperty("captured").GetString().ShouldBe("2011-05-03T00:00:00.000Z");
        root.TryGetProperty("inspector", out _).ShouldBeFalse("it is personal");
        // 26 rows name no inspector, and what is empty hides nothing.
        (await ledger.Scalar("select count(*) from mt_events where type = 'submission_accepted' and data->>'sidecar' is null")).ShouldBe(26);
    }

    private static async Task<JsonDocument> Payload(TestLedger ledger, int row)
    {
        var stream = RecordRules.StreamOf(Iss, "food-inspection", JsonSerializer.SerializeToElement(new[] { row }));
        var jwt = (await ledger.Rows($"select data->>'record' from mt_events where stream_id = '{stream}'")).ShouldHaveSingleItem();
        SdJwt.TryParse(jwt + "~", out var record, out _).ShouldBeTrue();
        return JsonDocument.Parse(record!.Payload.GetRawText());
    }
}
