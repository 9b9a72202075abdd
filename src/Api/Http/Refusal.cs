
namespace EventLedger.Api.Http;

/// <summary>Why a submission is not taken in: a code of <see cref="ProblemCatalog"/> and what is wrong in words.</summary>
/// <param name="Code">Machine-readable.</param>
/// <param name="Detail">For the person who reads it.</param>
public sealed record Refusal(string Code, string Detail)
{
    /// <summary>With the catalog's own words where there are no better ones.</summary>
    public static Refusal Of(string code) => new(code, ProblemCatalog.Of(code).Title);

    /// <summary>As an HTTP answer.</summary>
    public IResult ToResult() => Problems.From(Code, Detail);
}
