using System.Text.Json.Nodes;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>What a question to the ledger comes back as: a value, or a problem that says what to do.</summary>
public sealed record Answer<T>
    where T : class
{
    private Answer(T? value, Problem? problem) => (Value, Problem) = (value, problem);

    /// <summary>Null when there is a problem.</summary>
    public T? Value { get; }

    /// <summary>Null when there is a value.</summary>
    public Problem? Problem { get; }

    /// <summary>A value.</summary>
    public static implicit operator Answer<T>(T value) => new(value, null);

    /// <summary>A problem.</summary>
    public static implicit operator Answer<T>(Problem problem) => new(null, problem);
}

/// <summary>Why there is no value.</summary>
/// <param name="Code">From the catalog of problems.</param>
/// <param name="Detail">What is wrong and what to do, for a person.</param>
/// <param name="Extra">Further members of the problem document.</param>
public sealed record Problem(string Code, string Detail, params IReadOnlyList<(string Name, JsonNode? Value)> Extra);
