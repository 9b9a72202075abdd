using EventLedger.Api.Doors;
using EventLedger.Api.Http;
using EventLedger.Api.OpenApi;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.R2D;

/// <summary>R2D: the door between data sources and the ledger. Source: ITU-T Y.4561 (08/2020) 7.3.4.</summary>
public static class R2DEndpoints
{
    /// <summary>Registers what the endpoints use.</summary>
    public static void AddR2D(this IServiceCollection services)
    {
        services.AddSingleton<Refusals>();
        services.AddSingleton<IM2R>(p => p.GetRequiredService<Refusals>());
        services.AddSingleton<IC2R, RepresentationControl>();
        services.AddSingleton<SubmissionCheck>();
        services.AddSingleton<Intake>();
        services.AddSingleton<ReceiptWriter>();
        services.AddSingleton<Denials>();
        services.AddSingleton<SubmitEndpoint>();
        services.AddSingleton<BulkEndpoint>();
        services.AddSingleton<WaitingStore>();
        services.AddHostedService(p => p.GetRequiredService<WaitingStore>());
        services.AddSingleton<RegistrarDesk>();
        services.AddSingleton<StatusPlaces>();
    }

    /// <summary>Maps <c>/r2d/v1</c>.</summary>
    public static void MapR2D(this IEndpointRouteBuilder routes)
    {
        var r2d = routes.MapGroup("/r2d/v1").WithTags("R2D").Need(Policy.Public);
        r2d.MapGet("/interfaces", DataInterfaces.List).WithName("ListInterfaces").WithSummary("The ways in which data comes in, with their parameters as JSON Schema")
            .Gives(StatusCodes.Status200OK, "application/json", "The interfaces; those with `offered` false are named so that nobody looks for them.", "interfaces");
        r2d.MapPost("/sources", SourceEndpoints.Ask).Need(Policy.Signed).WithName("AskForSource").WithSummary("Ask to be registered as a source, or for one more key")
            .Gives(StatusCodes.Status202Accepted, "application/json", "The request waits for an operator.", "id", "seq", "version", "status", "next");
        r2d.MapGet("/sources", SourceEndpoints.List).WithName("ListSources").WithSummary("Every registered source")
            .Gives(StatusCodes.Status200OK, "application/json", "The sources.", "sources");
        r2d.MapGet("/sources/{id}", SourceEndpoints.Get).WithName("GetSource").WithSummary("One source, its keys and requests")
            .Gives(StatusCodes.Status200OK, "application/json", "The source.", "id", "iss", "name", "state", "stream", "version", "keys", "requests");
        r2d.MapGet("/formats", FormatEndpoints.List).WithName("ListFormats").WithSummary("Every format of records")
            .Gives(StatusCodes.Status200OK, "application/json", "The formats.", "formats");
        r2d.MapGet("/formats/{id}/compatibility", FormatEndpoints.Compare).WithName("CompareFormats").WithSummary("Whether records of one version of a format read in another, and what stands in the way")
            .Gives(StatusCodes.Status200OK, "application/json", "The comparison.", "from", "to", "compatible", "findings", "upcast");
        r2d.MapGet("/formats/{id}/{version:long}", FormatEndpoints.Get).WithName("GetFormat").WithSummary("One format version")
            .Gives(StatusCodes.Status200OK, "application/json", "The definition as it was registered.", "vct", "retired", "seq", "streamVersion", "format");
        RequestDelegate one = routes.ServiceProvider.GetRequiredService<SubmitEndpoint>().Handle, many = routes.ServiceProvider.GetRequiredService<BulkEndpoint>().Handle;
        r2d.MapPost("/submissions", one).Need(Policy.Signed).WithMetadata(new Unlimited()).HandledBy(one).WithName("SubmitRecord").WithSummary("Submit one signed record")
            .Takes(SubmitEndpoint.MediaType, "An SD-JWT with its disclosures.")
            .Gives(StatusCodes.Status202Accepted, "application/json", "Accepted: the receipt, signed by this host.", "id", "seq", "leaf", "status", "receipt", "links")
            .Gives(StatusCodes.Status201Created, ProofBundle.MediaType, "Sealed, as `Prefer: wait` asked: its proof.", "v", "record", "issuer", "entry", "path", "header", "previousResults", "rejected", "commit", "sets", "status?");
        r2d.MapPost("/submissions/bulk", many).Need(Policy.Signed).WithMetadata(new Unlimited()).HandledBy(many).WithName("SubmitRecords").WithSummary("Submit many signed records, one a line")
            .Takes(BulkEndpoint.MediaType, "One SD-JWT a line.")
            .Gives(StatusCodes.Status200OK, "application/x-ndjson", "One answer a line, in the order of the lines.");
        r2d.MapGet("/submissions/{id:long}", SubmissionStatus.Handle).WithName("GetSubmission").WithSummary("Where a submission stands")
            .Gives(StatusCodes.Status200OK, "application/json", "Where it stands.", "id", "seq", "leaf", "status", "time", "receipt", "height?", "code?");
        RegistrarEndpoints.Map(r2d);
    }
}
