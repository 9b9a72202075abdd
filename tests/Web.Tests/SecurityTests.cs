using System.Net;
using EventLedger.Web.Tests.Support;

namespace EventLedger.Web.Tests;

/// <summary>What the host says and hides, seen from outside. Source: OWASP ASVS 5.0 V3, V4, V13.4.</summary>
public sealed class SecurityTests(SeededSite site)
{
    [Theory]
    [InlineData("GET", "/", 200)]
    [InlineData("GET", "/verify", 200)]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("GET", "/u2s/v1/records", 200)]
    [InlineData("GET", "/u2s/v1/records?limit=x", 400)]
    [InlineData("GET", "/u2s/v1/licences/none", 404)]
    [InlineData("POST", "/u2s/v1/records", 405)]
    [InlineData("POST", "/o2c/v1/controls", 415)]
    [InlineData("GET", "/ledger/v1/head", 200)]
    [InlineData("GET", "/health/live", 200)]
    [InlineData("GET", "/metrics", 200)]
    [InlineData("GET", "/openapi/v1.json", 200)]
    [InlineData("GET", "/verify.mjs", 200)]
    public async Task Every_answer_tells_the_browser_to_trust_this_host_alone(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new(method), path) { Headers = { { "Origin", "https://elsewhere.example" } } };
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        ((int)answer.StatusCode).ShouldBe(status);
        Guarded(answer);
        answer.Content.Headers.ContentType.ShouldNotBeNull();
        if (answer.Content.Headers.ContentType.MediaType!.StartsWith("text/", StringComparison.Ordinal))
        {
            answer.Content.Headers.ContentType.CharSet.ShouldBe("utf-8");
        }
    }

    [Fact]
    public async Task An_error_that_comes_before_any_endpoint_is_guarded_too()
    {
        using var key = new HttpRequestMessage(HttpMethod.Post, "/o2c/v1/controls") { Headers = { { "Idempotency-Key", new string('a', 101) } } };
        using var refused = await site.Http.SendAsync(key, TestContext.Current.CancellationToken);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Guarded(refused);
        // The exception handler clears what was written before it.
        using var body = new ByteArrayContent(new byte[(1 << 20) + 1]) { Headers = { { "Content-Type", "application/json" } } };
        using var large = await site.Http.PostAsync("/o2c/v1/controls", body, TestContext.Current.CancellationToken);
        large.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        Guarded(large);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("'><svg/onload=alert(1)>")]
    public async Task What_was_typed_comes_back_as_text(string typed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/search?q={Uri.EscapeDataString(typed)}") { Headers = { { "Accept", "text/html" } } };
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        page.ShouldContain("alert(1)");
        page.ShouldNotContain(typed);
        page.ShouldNotContain("<script>alert");
    }

    [Theory]
    [InlineData("' or '1'='1")]
    [InlineData("x'; drop table mt_events; --")]
    [InlineData("\" or 1=1")]
    public async Task A_quote_in_a_filter_is_a_letter(string text)
    {
        var answer = await site.Http.GetStringAsync($"/u2s/v1/records?iss={Uri.EscapeDataString(text)}", TestContext.Current.CancellationToken);
        using var json = System.Text.Json.JsonDocument.Parse(answer);
        json.RootElement.GetProperty("total").GetInt64().ShouldBe(0);
        (await site.Store.Head(TestContext.Current.CancellationToken)).Seq.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("/.git/HEAD")]
    [InlineData("/.git/")]
    [InlineData("/appsettings.json")]
    [InlineData("/genesis.json")]
    [InlineData("/host/receipt.json")]
    [InlineData("/vault/master.key")]
    [InlineData("/wwwroot/")]
    [InlineData("/fonts/")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/..%2f..%2fetc%2fpasswd")]
    [InlineData("/verify.mjs/../../appsettings.json")]
    [InlineData("/swagger")]
    [InlineData("/trace.axd")]
    [InlineData("/_framework/debug")]
    public async Task What_is_not_meant_for_the_web_is_not_there(string path)
    {
        using var raw = new RawHttp(new(site.Url));
        (await raw.Ask($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).ShouldStartWith("HTTP/1.1 404");
    }

    [Theory]
    [InlineData("TRACE")]
    [InlineData("TRACK")]
    [InlineData("CONNECT")]
    public async Task A_method_that_mirrors_or_tunnels_is_refused(string method)
    {
        using var raw = new RawHttp(new(site.Url));
        var answer = await raw.Ask($"{method} {(method == "CONNECT" ? "localhost:80" : "/")} HTTP/1.1\r\nHost: localhost\r\nX-Secret: mirrored\r\nConnection: close\r\n\r\n");
        int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(400, 499);
        answer.ShouldNotContain("mirrored");
    }

    [Theory]
    [InlineData("Content-Length: 4\r\nTransfer-Encoding: chunked", "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 4", "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("Content-Length: 4\r\nContent-Length: 40", "abcdGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("Transfer-Encoding: xchunked", "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")]
    public async Task Two_readings_of_where_a_request_ends_are_one_too_many(string headers, string body)
    {
        using var raw = new RawHttp(new(site.Url));
        var answer = await raw.Ask($"POST /u2s/v1/verify HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n{body}");
        // One answer, and the connection is over: nothing behind it is read as a request.
        answer.Split("HTTP/1.1 ").Length.ShouldBe(2, answer);
        (answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal) || answer.Contains("\r\nConnection: close\r\n", StringComparison.Ordinal)).ShouldBeTrue(answer);
    }

    [Fact]
    public async Task A_parameter_that_stands_twice_is_not_half_taken()
    {
        using var answer = await site.Http.GetAsync("/u2s/v1/records?limit=1&limit=1000", TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_header_of_a_proxy_changes_nothing()
    {
        async Task<string> Page(bool isForwarded)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/licence/{Register.Valid}") { Headers = { { "Accept", "text/html" } } };
            foreach (var name in isForwarded ? (string[])["X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Prefix", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "Forwarded"] : [])
            {
                request.Headers.TryAddWithoutValidation(name, "elsewhere.example");
            }
            using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
            return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
        (await Page(isForwarded: true)).ShouldBe(await Page(isForwarded: false));
    }

    private static void Guarded(HttpResponseMessage answer)
    {
        string Header(string name) => string.Join(", ", answer.Headers.TryGetValues(name, out var values) ? values : []);
        var policy = Header("Content-Security-Policy").Split("; ");
        policy.ShouldBe(["default-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'"], ignoreOrder: true);
        Header("X-Content-Type-Options").ShouldBe("nosniff");
        Header("Referrer-Policy").ShouldBe("no-referrer");
        Header("Cross-Origin-Opener-Policy").ShouldBe("same-origin");
        // Nobody is let in from another site, nothing is kept in the browser, and nothing says what runs here.
        foreach (var silent in (string[])["Access-Control-Allow-Origin", "Set-Cookie", "Server", "X-Powered-By", "X-AspNet-Version", "Strict-Transport-Security"])
        {
            Header(silent).ShouldBe("", silent);
        }
    }
}
