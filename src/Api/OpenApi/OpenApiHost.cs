using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EventLedger.Api.Http;
using EventLedger.Domain.Kernel;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;

namespace EventLedger.Api.OpenApi;

/// <summary><c>/openapi/v1.json</c>: OpenAPI 3.1 made from the endpoints themselves, one tag for each reference point of ITU-T Y.4561 (08/2020) 7.3.</summary>
public static partial class OpenApiHost
{
    private const string Document = "v1";

    private static readonly (string Name, string Description)[] Points =
    [
        ("R2D", "Representation – data source: sources register, submit records, and learn what became of them."),
        ("U2S", "Data user – service provisioning: query, search, history, lineage, proofs, grants."),
        ("O2C", "Operator – data controlling: every act is signed by people and checked by the validators."),
        ("V2M", "Supervisor – data monitoring: live feed, audits, findings, alerts, evidence."),
        ("P2R", "Processing – representation: the chain itself, for whoever checks it or keeps a copy."),
        ("Identity", "Who calls: tokens, sign-in, sessions, keys."),
        ("Status", "Status lists of records, signed."),
    ];

    /// <summary>Registers the document.</summary>
    public static void AddInterface(this IServiceCollection services) => services.AddOpenApi(Document, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document);
            return Task.CompletedTask;
        });
        // What is null is left out of an answer; times and hashes are written as text.
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(LedgerTime) || context.JsonTypeInfo.Type == typeof(Digest))
            {
                var isTime = context.JsonTypeInfo.Type == typeof(LedgerTime);
                (schema.Type, schema.Format, schema.Pattern, schema.Properties, schema.Required) =
                    (JsonSchemaType.String, isTime ? "date-time" : null, isTime ? null : "^[0-9a-f]{64}$", null, null);
            }
            foreach (var member in context.JsonTypeInfo.Properties.Where(p => p.IsGetNullable || Nullable.GetUnderlyingType(p.PropertyType) is not null))
            {
                schema.Required?.Remove(member.Name);
            }
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            // Comments in the code are for its readers; what an endpoint says of itself is for its callers.
            operation.Summary = context.Description.ActionDescriptor.EndpointMetadata.OfType<IEndpointSummaryMetadata>().LastOrDefault()?.Summary ?? operation.Summary;
            Complete(operation, context.Description.RelativePath ?? "");
            // Every refusal has the same form, whatever its code.
            operation.Responses ??= [];
            operation.Responses.TryAdd("default", new OpenApiResponse
            {
                Description = "A problem (RFC 9457); `code` names it, and `/problems/{code}` explains it.",
                Content = new Dictionary<string, OpenApiMediaType> { [Problems.MediaType] = new() { Schema = new OpenApiSchemaReference("Problem") } },
            });
            return Task.CompletedTask;
        });
    });

    /// <summary>Serves it.</summary>
    public static void MapInterface(this IEndpointRouteBuilder routes) => routes.MapOpenApi("/openapi/{documentName}.json").Need(Policy.Public);

    // A handler that takes its place in the address from the route itself names no parameter.
    private static void Complete(OpenApiOperation operation, string path)
    {
        operation.Parameters ??= [];
        foreach (Match name in PathParameter().Matches(path))
        {
            if (operation.Parameters.All(p => p.Name != name.Groups[1].Value))
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = name.Groups[1].Value, In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }
        }
    }

    [GeneratedRegex(@"\{(\w+)")]
    private static partial Regex PathParameter();

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new()
        {
            Title = "EventLedger",
            Version = Document,
            Description = "A ledger for public data after Recommendation ITU-T Y.4561: signed records go in, validators of different bodies seal them, and everybody gets proofs that stand on their own.",
            License = new() { Name = "See the repository" },
        };
        // Wherever it is served: a host does not know its public name.
        document.Servers = [new() { Url = "/" }];
        var used = document.Paths.SelectMany(p => p.Value.Operations ?? []).SelectMany(o => o.Value.Tags ?? new HashSet<OpenApiTagReference>()).Select(t => t.Name).ToHashSet();
        document.Tags = Points.Where(p => used.Contains(p.Name)).Select(p => new OpenApiTag { Name = p.Name, Description = p.Description }).ToHashSet();
        document.Components ??= new();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas["Problem"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { "type", "code", "status", "title", "detail" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri-reference", Examples = [JsonValue.Create("/problems/request-malformed")] },
                ["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Examples = [JsonValue.Create("request-malformed")] },
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
                ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String },
            },
        };
    }
}
