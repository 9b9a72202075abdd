using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace EventLedger.Bench;

/// <summary>The portal's table over the same million licences, as the browser of somebody signed in asks for it; then all rows as CSV, with the host's memory beside.</summary>
internal static partial class GridScenario
{
    private const int Repeats = 9;
    private const string All = "/staff/query?format=licence";

    // None is a question that was asked before: an answer that was counted already would flatter.
    private static readonly (string Name, string Path)[] Acts =
    [
        ("open", All), ("sort by number, last first", $"{All}&order=-number"), ("sort by day", $"{All}&order=opened"), ("filter: kind is one of fifty", $"{All}&f1=kind&o1=eq&v1=kind 8"),
        ("filter: number begins with L-01", $"{All}&f1=number&o1=prefix&v1=L-01"), ("filter: more than half of all seats", $"{All}&f1=seats&o1=ge&v1=400"),
        ("filter by kind, sort by day", $"{All}&f1=kind&o1=eq&v1=kind 9&order=-opened"), ("three conditions", $"{All}&f1=kind&o1=eq&v1=kind 10&f2=seats&o2=ge&v2=400&f3=number&o3=prefix&v3=L-0"),
    ];

    public static async Task Run(LedgerUnderTest ledger, int records)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { BaseAddress = ledger.Url, Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Add("Cookie", $"staff-session={await ledger.Session()}");
        // Started pages are compiled by then, as they are in a host that people use.
        await Page(http, "/staff/query?format=licence&f1=kind&o1=eq&v1=none");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\ngrid: pages of /staff/query over {records:N0} records, the rows and then the exact count, target: under 300 ms each"));
        Console.WriteLine($"{"",-44} {"rows, ms",9} {"counted",9} {"again, ms",9} {"next, ms",9}");
        foreach (var (name, path) in Acts)
        {
            var (rows, counted, html) = await Page(http, path);
            var again = new List<double>();
            for (var i = 0; i < Repeats; i++)
            {
                again.Add((await Page(http, path)).Rows);
            }
            var next = NextPage().Match(html) is { Success: true } link ? (await Page(http, System.Net.WebUtility.HtmlDecode(link.Groups[1].Value))).Rows : double.NaN;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-44} {rows,9:N0} {counted,9:N0} {again.Order().ElementAt(Repeats / 2),9:N0} {next,9:N0}"));
        }
        await Export(http, ledger, records);
    }

    private static async Task Export(HttpClient http, LedgerUnderTest ledger, int records)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/u2s/v1/query?format=licence", UriKind.Relative)) { Headers = { { "Accept", "text/csv" } } };
        var (began, rows, bytes, peak, before) = (Stopwatch.GetTimestamp(), -1L, 0L, 0.0, Host(ledger));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[1 << 20];
        var looked = 0L;
        while (await body.ReadAsync(buffer) is > 0 and var read)
        {
            rows += buffer.AsSpan(0, read).Count((byte)'\n');
            bytes += read;
            if (rows - looked > 50_000)
            {
                (looked, peak) = (rows, Math.Max(peak, Host(ledger)));
            }
        }
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (rows != records)
        {
            throw new InvalidOperationException($"{rows} rows came of {records}.");
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\ngrid: all rows as CSV: {rows:N0} rows, {bytes / 1e6:N0} MB in {seconds:N1} s: {rows / seconds:N0} rows/s, target 20 000; the host had {before:N0} MB before and at most {peak:N0} MB meanwhile"));
    }

    private static double Host(LedgerUnderTest ledger) => ledger.Memory().Where(p => p.Name == "host").Sum(p => p.Megabytes);

    // A page comes in two parts: its rows, and then their number.
    private static async Task<(double Rows, double Counted, string Html)> Page(HttpClient http, string path)
    {
        var began = Stopwatch.GetTimestamp();
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        using var body = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var (html, rows, buffer) = (new System.Text.StringBuilder(), double.NaN, new char[1 << 16]);
        while (await body.ReadAsync(buffer) is > 0 and var read)
        {
            html.Append(buffer, 0, read);
            if (double.IsNaN(rows) && html.ToString() is var soFar && soFar.Contains("role=\"status\"", StringComparison.Ordinal) && soFar.Contains("</main>", StringComparison.Ordinal))
            {
                rows = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }
        }
        return !double.IsNaN(rows) && Counted().IsMatch(html.ToString())
            ? (rows, Stopwatch.GetElapsedTime(began).TotalMilliseconds, html.ToString())
            : throw new InvalidOperationException($"{path} shows no answer.");
    }

    [GeneratedRegex("[0-9,]+ records")]
    private static partial Regex Counted();

    [GeneratedRegex("href=\"([^\"]*)\" rel=\"next\"")]
    private static partial Regex NextPage();
}
