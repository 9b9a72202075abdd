using EventLedger.Api.Doors;

namespace EventLedger.Api.R2D;

/// <summary>R2D: the door between data sources and the ledger. Source: ITU-T Y.4561 (08/2020) 7.3.4.</summary>
public static class R2DEndpoints
{
    /// <summary>Registers what the endpoints use.</summary>
    public static void AddR2D(this IServiceCollection services)
    {
        services.AddSingleton<Refusals>();
        services.AddSingleton<IM2R>(p => p.GetRequiredService<Refusals>());
        services.AddSingleton<SubmissionCheck>();
        services.AddSingleton<Intake>();
        services.AddSingleton<ReceiptWriter>();
        services.AddSingleton<SubmitEndpoint>();
        services.AddSingleton<BulkEndpoint>();
    }

    /// <summary>Maps <c>/r2d/v1</c>.</summary>
    public static void MapR2D(this IEndpointRouteBuilder routes)
    {
        var r2d = routes.MapGroup("/r2d/v1").WithTags("R2D");
        r2d.MapPost("/sources", SourceEndpoints.Ask).WithName("AskForSource").WithSummary("Ask to be registered as a source, or for one more key");
        r2d.MapGet("/sources", SourceEndpoints.List).WithName("ListSources").WithSummary("Every registered source");
        r2d.MapGet("/sources/{id}", SourceEndpoints.Get).WithName("GetSource").WithSummary("One source, its keys and requests");
        r2d.MapGet("/formats", FormatEndpoints.List).WithName("ListFormats").WithSummary("Every format of records");
        r2d.MapGet("/formats/{id}/{version:long}", FormatEndpoints.Get).WithName("GetFormat").WithSummary("One format version");
        r2d.MapPost("/submissions", (RequestDelegate)routes.ServiceProvider.GetRequiredService<SubmitEndpoint>().Handle)
            .WithName("SubmitRecord").WithSummary("Submit one signed record");
        r2d.MapPost("/submissions/bulk", (RequestDelegate)routes.ServiceProvider.GetRequiredService<BulkEndpoint>().Handle)
            .WithName("SubmitRecords").WithSummary("Submit many signed records, one a line");
        r2d.MapGet("/submissions/{id:long}", SubmissionStatus.Handle).WithName("GetSubmission").WithSummary("Where a submission stands");
    }
}
