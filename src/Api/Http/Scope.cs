namespace EventLedger.Api.Http;

/// <summary>What a token may be used for, at the reference point that it is for. Source: RFC 6749 section 3.3.</summary>
public static class Scope
{
    /// <summary>A source's own state.</summary>
    public const string R2dRead = "r2d.read";

    /// <summary>What a source hands in.</summary>
    public const string R2dSubmit = "r2d.submit";

    /// <summary>What a data user may look at.</summary>
    public const string U2sRead = "u2s.read";

    /// <summary>Queries over many records.</summary>
    public const string U2sQuery = "u2s.query";

    /// <summary>Personal and restricted fields, for a purpose and under a grant.</summary>
    public const string U2sDisclose = "u2s.disclose";

    /// <summary>Webhooks of one's own: an application's or a person's.</summary>
    public const string U2sSubscribe = "u2s.subscribe";

    /// <summary>What operators may look at.</summary>
    public const string O2cRead = "o2c.read";

    /// <summary>Preparing an act; the act itself is signed by people.</summary>
    public const string O2cDraft = "o2c.draft";

    /// <summary>What supervisors may look at.</summary>
    public const string V2mRead = "v2m.read";

    /// <summary>Handing in what a supervisor signed.</summary>
    public const string V2mAct = "v2m.act";

    /// <summary>Every scope.</summary>
    public static IReadOnlyList<string> All { get; } = [R2dRead, R2dSubmit, U2sRead, U2sQuery, U2sDisclose, U2sSubscribe, O2cRead, O2cDraft, V2mRead, V2mAct];

    /// <summary>The reference point that a scope belongs to: what stands before the dot.</summary>
    public static string PointOf(string scope) => scope[..scope.IndexOf('.', StringComparison.Ordinal)];

    /// <summary>What an endpoint needs that names no scope itself: reading where nothing changes, else the point's everyday act.</summary>
    /// <param name="point"><c>r2d</c>, <c>u2s</c>, <c>o2c</c> or <c>v2m</c>.</param>
    /// <param name="isRead">Whether the method is safe.</param>
    public static string DefaultOf(string point, bool isRead) => (point, isRead) switch
    {
        ("r2d", true) => R2dRead,
        ("r2d", false) => R2dSubmit,
        ("u2s", true) => U2sRead,
        ("u2s", false) => U2sQuery,
        ("o2c", true) => O2cRead,
        ("o2c", false) => O2cDraft,
        ("v2m", true) => V2mRead,
        ("v2m", false) => V2mAct,
        _ => throw new ArgumentOutOfRangeException(nameof(point), point, "No such reference point."),
    };
}
