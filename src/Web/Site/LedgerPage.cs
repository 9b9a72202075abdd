using EventLedger.Api.Http;
using EventLedger.Api.Provisioning;
using EventLedger.Api.Provisioning.Answers;
using Microsoft.AspNetCore.Components;

namespace EventLedger.Web.Site;

/// <summary>What all public pages share: the one door to the ledger, and the right HTTP status beside a problem in words.</summary>
public abstract class LedgerPage : ComponentBase
{
    /// <summary>The ledger.</summary>
    [Inject]
    protected PublicLedger Ledger { get; set; } = null!;

    /// <summary>The request.</summary>
    [CascadingParameter]
    protected HttpContext Http { get; set; } = null!;

    /// <summary>Takes an answer over; a problem also becomes the response's status.</summary>
    protected Answer<T> Shown<T>(Answer<T> answer)
        where T : class
    {
        if (answer.Problem is { } problem)
        {
            Status(ProblemCatalog.Of(problem.Code).Status);
        }
        return answer;
    }

    /// <summary>How many of how many validators signed a block; null while there is none.</summary>
    protected async Task<(int, int)?> Signed(SealView? seal) =>
        seal is not null && (await Ledger.Block(seal.Height, Http.RequestAborted)).Value is { } block ? (block.SignedBy.Count, block.Validators) : null;

    /// <summary>Sets the status when the body is on its way: set before, 404 would make the framework throw the page away for one of its own.</summary>
    protected void Status(int status) => Http.Response.OnStarting(() =>
    {
        Http.Response.StatusCode = status;
        return Task.CompletedTask;
    });
}
