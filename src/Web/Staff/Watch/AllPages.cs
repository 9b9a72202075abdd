using System.Text.Json;

namespace EventLedger.Web.Staff.Watch;

/// <summary>Lists that people write, and that are therefore short enough to be read as a whole: only then are counts exact under a filter.</summary>
public static class AllPages
{
    private const int ItemsMax = 5000;

    /// <summary>All items of a list, page after page.</summary>
    public static async Task<Reply<IReadOnlyList<JsonElement>>> Of(StaffLedger ledger, string path)
    {
        var all = new List<JsonElement>();
        for (string? next = path; next is not null && all.Count < ItemsMax;)
        {
            var page = await ledger.Get(next);
            if (page.Problem is not null)
            {
                return new() { Status = page.Status, Problem = page.Problem, Details = page.Details, Reference = page.Reference };
            }
            all.AddRange(page.Value.Items("items"));
            next = page.Value.Text("next");
        }
        return new() { Status = System.Net.HttpStatusCode.OK, Value = all };
    }
}
