using System.Net.Sockets;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;

namespace EventLedger.Api.Http;

/// <summary>Nothing leaves the API without a body: exceptions and bare status codes become problems too.</summary>
public static class ProblemHandling
{
    /// <summary>Puts the handlers in front of everything.</summary>
    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = http => Of(http.Features.Get<IExceptionHandlerFeature>()!.Error).ExecuteAsync(http),
            SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException || IsDatabaseGone(context.Exception),
            StatusCodeSelector = e => e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
        });
        app.UseStatusCodePages(context => OfStatus(context.HttpContext).ExecuteAsync(context.HttpContext));
    }

    /// <summary><c>/problems/{code}</c>: what a code means, in one sentence.</summary>
    public static void MapProblems(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/problems", () => TypedResults.Text(string.Concat(ProblemCatalog.All.Select(p => $"{p.Key} ({p.Value.Status}): {p.Value.Title}\n"))))
            .Need(Policy.Public).ExcludeFromDescription();
        routes.MapGet("/problems/{code}", (string code) => ProblemCatalog.All.TryGetValue(code, out var problem)
            ? TypedResults.Text($"{code}\nHTTP {problem.Status}\n\n{problem.Title}\n")
            : Problems.From("not-found", "No such problem code.")).Need(Policy.Public).ExcludeFromDescription();
    }

    private static IResult Of(Exception error) => error switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problems.From("body-too-large", "The request body is too large."),
        BadHttpRequestException bad => Problems.From("request-malformed", bad.Message),
        MonitorUnavailableException => Problems.From("monitor-unavailable", error.Message),
        // U+0000 is the one character that PostgreSQL has no place for; no name or value here holds it.
        PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter } =>
            Problems.From("request-malformed", "A text of the request holds U+0000, which nothing in the ledger does."),
        _ when IsDatabaseGone(error) => Problems.From("database-unavailable", "The database does not answer. Nothing that was acknowledged is lost."),
        _ => Problems.From("internal", "An unexpected error. It was logged."),
    };

    private static IResult OfStatus(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => Problems.From("not-found", "There is nothing at this address."),
        StatusCodes.Status405MethodNotAllowed => Problems.From("method-not-allowed", $"{http.Request.Method} is not possible here."),
        StatusCodes.Status413PayloadTooLarge => Problems.From("body-too-large", "The request body is too large."),
        StatusCodes.Status415UnsupportedMediaType => Problems.From("media-type", "The request body's Content-Type is not one that this address takes."),
        >= 500 => Problems.From("internal", "An unexpected error. It was logged."),
        _ => Problems.From("request-malformed", "The request could not be read."),
    };

    // What the database says of a statement is a fault of ours; what it says of itself, or that it says nothing, is not.
    private static bool IsDatabaseGone(Exception error) => error switch
    {
        PostgresException { SqlState: [var a, var b, ..] } => (a, b) is ('0', '8') or ('5', '3') or ('5', '7') or ('5', '8'),
        NpgsqlException or SocketException or ObjectDisposedException { ObjectName: "PostgresEventStore" } => true,
        _ => false,
    };
}
