using Microsoft.OpenApi;

namespace EventLedger.Api.OpenApi;

/// <summary>What an endpoint takes and gives, where its handler reads and writes by hand and its types cannot say it.</summary>
public static class Bodies
{
    /// <summary>The handler behind a raw delegate, without which its endpoint stands in no document.</summary>
    public static TBuilder HandledBy<TBuilder>(this TBuilder endpoint, RequestDelegate handler)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(handler.Method);

    /// <summary>Names the request body.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="mediaType">Its only media type.</param>
    /// <param name="description">What it holds.</param>
    /// <param name="members">Members of a JSON object, a question mark behind those that may be missing; none for another form.</param>
    public static TBuilder Takes<TBuilder>(this TBuilder endpoint, string mediaType, string description, params string[] members)
        where TBuilder : IEndpointConventionBuilder => endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Description = description, Required = true, Content = new Dictionary<string, OpenApiMediaType> { [mediaType] = new() { Schema = Shape(members) } },
        };
        return Task.CompletedTask;
    });

    /// <summary>Names the answer's body.</summary>
    public static TBuilder Gives<TBuilder>(this TBuilder endpoint, int status, string mediaType, string description, params string[] members)
        where TBuilder : IEndpointConventionBuilder => endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        (operation.Responses ??= [])[$"{status}"] = new OpenApiResponse
        {
            Description = description, Content = new Dictionary<string, OpenApiMediaType> { [mediaType] = new() { Schema = Shape(members) } },
        };
        return Task.CompletedTask;
    });

    // Members are named, their values left open: what they hold, the formats say.
    private static OpenApiSchema Shape(string[] members) => members.Length == 0 ? new() { Type = JsonSchemaType.String } : new()
    {
        Type = JsonSchemaType.Object,
        Required = members.Where(m => !m.EndsWith('?')).ToHashSet(),
        Properties = members.ToDictionary(m => m.TrimEnd('?'), IOpenApiSchema (_) => new OpenApiSchema()),
    };
}
