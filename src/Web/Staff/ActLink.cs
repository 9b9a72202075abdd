using System.Text.Json;

namespace EventLedger.Web.Staff;

/// <summary>A way to an act, with what stands now filled in.</summary>
/// <param name="Title">What it does, in words.</param>
/// <param name="Href">Address of the act's form.</param>
public sealed record ActLink(string Title, string Href)
{
    /// <summary>An act with answers; what is null stays open.</summary>
    /// <param name="operation">What is done.</param>
    /// <param name="type">To what.</param>
    /// <param name="answers">By the form's fields; <c>seen</c> is the version of the stream that the operator saw.</param>
    public static ActLink To(string operation, string type, params ReadOnlySpan<(string Name, string? Value)> answers)
    {
        var query = new List<string>();
        foreach (var (name, value) in answers)
        {
            if (value is not null)
            {
                query.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }
        return new(ActForm.Of(operation, type)?.Title ?? $"{operation} {type}", $"/staff/act/{operation}/{type}{(query.Count == 0 ? "" : "?" + string.Join('&', query))}");
    }

    /// <summary>An act whose answers are the members that an object has now.</summary>
    public static ActLink Of(string operation, string type, JsonElement state) =>
        To(operation, type, [.. (ActForm.Of(operation, type)?.Fields ?? []).Select(f => (f.Name, Answer(f, state)))]);

    /// <summary>The same with the version of the stream that the operator saw: an act that came in between is told, not overwritten.</summary>
    public ActLink Seen(long? version) => version is null ? this : this with { Href = $"{Href}{(Href.Contains('?', StringComparison.Ordinal) ? '&' : '?')}seen={version}" };

    private static string? Answer(ActField field, JsonElement state) => field.Kind switch
    {
        "list" => state.Items(field.Name) is { Count: > 0 } items ? string.Join('\n', items.Select(i => i.GetString())) : null,
        "day" => state.Text(field.Name) is { Length: >= 10 } time ? time[..10] : null,
        _ => state.Text(field.Name),
    };
}
