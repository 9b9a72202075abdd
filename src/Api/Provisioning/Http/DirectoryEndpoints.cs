using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Directory;
using EventLedger.Domain.Ledger;
using Microsoft.AspNetCore.Mvc;

namespace EventLedger.Api.Provisioning.Http;

/// <summary><c>/u2s/v1/directory</c> and <c>/u2s/v1/services</c>: what data there is, whose, how it may be used, and through which service.</summary>
internal static class DirectoryEndpoints
{
    private const string Turtle = "text/turtle", JsonLd = "application/ld+json";

    public static void Map(IEndpointRouteBuilder u2s)
    {
        u2s.MapGet("/directory", Tree).WithName("GetDirectory").WithSummary("Sectors, services, data sets and fields with owner and right to use").Produces<DirectoryView>();
        u2s.MapGet("/directory.ttl", AsTurtle).WithName("GetDirectoryAsTurtle").WithSummary("The same as DCAT-AP 3 in Turtle").Produces<string>(200, Turtle);
        u2s.MapGet("/directory.jsonld", AsJsonLd).WithName("GetDirectoryAsJsonLd").WithSummary("The same as DCAT-AP 3 in JSON-LD").Produces<JsonObject>(200, JsonLd);
        u2s.MapGet("/services", Services).WithName("ListServices").WithSummary("The catalogue of services with quota and forms").Produces<ServiceList>();
        u2s.MapGet("/services/{id}", Service).WithName("GetService").WithSummary("One service").Produces<ServiceView>().ProducesProblem(404);
    }

    private static IResult Tree(HttpContext http, DirectoryAnswers answers) => Reply.Json<DirectoryView>(http, answers.Tree());

    private static IResult AsTurtle(HttpContext http, DirectoryAnswers answers, [FromServices] Genesis genesis, LedgerOptions options) =>
        Reply.File(http, Encoding.UTF8.GetBytes(Dcat.Graph(answers.Tree(), genesis.Name, genesis.Chain, Address(http, options)).ToTurtle()), $"{Turtle}; charset=utf-8", "directory.ttl");

    private static IResult AsJsonLd(HttpContext http, DirectoryAnswers answers, [FromServices] Genesis genesis, LedgerOptions options) =>
        Reply.File(http, Encoding.UTF8.GetBytes(Dcat.Graph(answers.Tree(), genesis.Name, genesis.Chain, Address(http, options)).ToJsonLd().ToJsonString()), JsonLd, "directory.jsonld");

    private static IResult Services(HttpContext http, ServiceAnswers answers) => Reply.Json<ServiceList>(http, answers.All());

    private static IResult Service(HttpContext http, ServiceAnswers answers, string id) => Reply.Json(http, answers.One(id));

    private static string Address(HttpContext http, LedgerOptions options) => options.BaseUrl ?? $"{http.Request.Scheme}://{http.Request.Host}";
}
