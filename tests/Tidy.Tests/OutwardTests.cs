using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace EventLedger.Tidy.Tests;

/// <summary>Whom a server's process may call is a short list: what is not on it is no way out for a request that somebody forged. Source: OWASP ASVS 5.0 V13.2.4, V1.3.6.</summary>
public sealed partial class OutwardTests
{
    private static readonly HashSet<string> Ways =
        ["HttpClient", "SocketsHttpHandler", "HttpClientHandler", "IHttpClientFactory", "AddHttpClient", "WebRequest", "TcpClient", "UdpClient", "Socket", "ClientWebSocket", "Process", "ProcessStartInfo", "SmtpClient"];

    // Each calls addresses of the ledger alone, shows its own certificate and takes one key on the other side; the portal calls its own host.
    private static readonly HashSet<string> Allowed =
        ["src/Api/Delivery/AddressGuard.cs", "src/Api/Delivery/Deliverer.cs", "src/Validator/Gateway/TransportCertificate.cs", "src/Validator/Gateway/ValidatorClient.cs", "src/Validator/Network/PeerLink.cs", "src/Validator/Network/Peers.cs",
         "src/Web/Staff/StaffHost.cs", "src/Web/Staff/StaffLedger.cs"];

    // The handle of a key that the browser itself does not give out, and what a person has typed or is signing, until the ledger has it or they sign out; no session.
    private static readonly HashSet<(string File, string Word)> Stores =
    [
        ("src/Web/wwwroot/sign.mjs", "indexedDB"), ("src/Web/wwwroot/staff.mjs", "sessionStorage"), ("src/Web/wwwroot/staff.mjs", "indexedDB"),
        ("src/Web/wwwroot/desk.mjs", "sessionStorage"), ("src/Web/wwwroot/batch.mjs", "indexedDB"),
    ];

    // The project's own documents, read at build.
    private const string Documents = "src/Web/Staff/Runbook.cs";

    [Fact]
    public void Only_these_files_of_a_server_open_connections_or_start_programs() =>
        (from folder in (string[])["src/Domain", "src/EventStore", "src/Contracts", "src/Api", "src/Web", "src/Validator"]
         from file in Tree.CSharp(folder)
         where !Allowed.Contains(file.Path)
         from word in Syntax.Words(file.Text)
         where Ways.Contains(word.Word)
         select $"{file.Path}:{word.Line}: {word.Word}").ShouldBeEmpty();

    [Fact]
    public void Whoever_calls_follows_no_redirect_and_no_proxy()
    {
        foreach (var caller in (string[])["src/Validator/Gateway/TransportCertificate.cs", "src/Api/Delivery/AddressGuard.cs", "src/Web/Staff/StaffHost.cs"])
        {
            var handler = Tree.Get(caller).Text;
            handler.ShouldContain("AllowAutoRedirect = false");
            handler.ShouldContain("UseProxy = false");
        }
    }

    /// <summary>A class that is written out by hand cannot be named by the sender: no serializer here takes a type from the data.</summary>
    [Fact]
    public void No_data_names_the_type_that_it_becomes() => Tree.CSharp("src")
        .SelectMany(file => Syntax.Words(file.Text).Where(word => word.Word is "BinaryFormatter" or "NetDataContractSerializer" or "SoapFormatter" or "LosFormatter" or "TypeNameHandling"
            or "JsonPolymorphic" or "JsonDerivedType" or "XmlSerializer" or "XmlDocument" or "XmlReader" or "XDocument" or "DataContractSerializer").Select(word => $"{file.Path}:{word.Line}: {word.Word}"))
        .ShouldBeEmpty();

    /// <summary>Bounds and life times are the runtime's business everywhere.</summary>
    [Fact]
    public void No_code_is_unsafe() => Tree.CSharp("src").SelectMany(file => Syntax.Words(file.Text).Where(word => word.Word is "unsafe")
        .Select(word => $"{file.Path}:{word.Line}")).ShouldBeEmpty();

    /// <summary>Whoever writes into the head last takes the place of whoever did before: the layout of the portal would lose its own look and script.</summary>
    [Fact]
    public void Only_the_layout_writes_into_the_head() =>
        Tree.Files.Where(file => file.IsIn("src/Web") && file.Ends(".razor") && file.Text.Contains("<HeadContent", StringComparison.Ordinal)).Select(file => file.Path).ShouldBe(["src/Web/Staff/StaffLayout.razor"]);

    /// <summary>Pages write text through Razor, which escapes it, and scripts write text as text.</summary>
    [Fact]
    public void No_page_or_script_writes_markup_that_it_was_given()
    {
        Tree.Files.Where(file => file.IsIn("src") && file.Ends(".cs", ".razor")).Where(file => file.Text.Contains("MarkupString", StringComparison.Ordinal)
            || file.Text.Contains("AddMarkupContent", StringComparison.Ordinal)).Select(file => file.Path).ShouldBe([Documents]);
        Tree.Files.Where(file => file.IsIn("src/Web/wwwroot") && file.Ends(".mjs", ".js"))
            .SelectMany(file => ((string[])["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "localStorage", "sessionStorage", "indexedDB", "document.cookie", "postMessage"])
                .Where(word => file.Text.Contains(word, StringComparison.Ordinal) && !Stores.Contains((file.Path, word))).Select(word => $"{file.Path}: {word}")).ShouldBeEmpty();
    }

    // What these put into a statement is a column list, the number of a parameter or a constant of theirs.
    private static readonly HashSet<string> MakersOfSql =
    [
        "src/Api/Provisioning/Queries/QuerySql.cs", "src/Api/Provisioning/Queries/SavedQueries.cs", "src/Api/Provisioning/Cases/CaseAnswers.cs", "src/Api/Delivery/WebhookTables.cs",
        "src/Api/O2C/RequestStore.cs",
    ];

    /// <summary>SQL stands in files of its own or in one piece; what varies is a parameter.</summary>
    [Fact]
    public void No_request_handler_makes_SQL_out_of_text() =>
        (from file in Tree.CSharp("src/Api")
         where !MakersOfSql.Contains(file.Path)
         from line in file.Lines.Index()
         where MadeSql().IsMatch(line.Item)
         select $"{file.Path}:{line.Index + 1}").ShouldBeEmpty();

    [Fact]
    public void A_statement_with_a_hole_is_found() => MadeSql().IsMatch("database.CreateCommand($\"select x from y where z = '{typed}'\")").ShouldBeTrue();

    [GeneratedRegex("\\$\"+\\s*(select|insert|update|delete|drop|alter) ", RegexOptions.IgnoreCase)]
    private static partial Regex MadeSql();
}
