using System.Net;
using System.Text.Json;
using EventLedger.Api.Provisioning.Answers;

namespace EventLedger.Web.Staff;

/// <summary>What the ledger said to a question or an act of the person: a value or a problem, never both.</summary>
/// <typeparam name="T">What the value is.</typeparam>
public sealed record Reply<T>
    where T : notnull
{
    /// <summary>The status line's number.</summary>
    public required HttpStatusCode Status { get; init; }

    /// <summary>The answer; default where there is a problem.</summary>
    public T? Value { get; init; }

    /// <summary>Why there is no value; null when all is well.</summary>
    public Problem? Problem { get; init; }

    /// <summary>The problem's own members, such as which field is wrong.</summary>
    public JsonElement Details { get; init; }

    /// <summary>The version that was read, for If-Match.</summary>
    public string? Tag { get; init; }

    /// <summary>Where that which came of it is; null where the answer does not say.</summary>
    public string? Place { get; init; }

    /// <summary>By this id the request is found in the logs.</summary>
    public string? Reference { get; init; }

    /// <summary>Whether there is a value.</summary>
    public bool IsGood => Problem is null;
}
