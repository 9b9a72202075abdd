using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// How a person signs in with a CLI key: a signature over a challenge of the host. Its <c>typ</c> is another than that of an authorization, so that no host
/// can pass off the one as the other.
/// </summary>
/// <param name="Audience">The ledger that it is meant for.</param>
/// <param name="Challenge">What the host asked to sign.</param>
public sealed record SignIn(string Audience, string Challenge)
{
    /// <summary>The header's <c>typ</c>.</summary>
    public const string Typ = "sign-in+jws";

    /// <summary>Signs a challenge.</summary>
    public static string Create(SigningKey key, string chain, string challenge) =>
        key.SignJws(Typ, Jcs.Bytes(new JsonObject { ["aud"] = $"urn:eventledger:{chain}", ["challenge"] = challenge }));

    /// <summary>Reads one; false when it is something else. Signature, audience and challenge are the caller's to check.</summary>
    public static bool TryRead(Jws jws, [NotNullWhen(true)] out SignIn? signIn)
    {
        signIn = null;
        if (jws.Typ != Typ || !Members.TryRead(jws.Payload, out var m, "aud", "challenge") || !m.TryText("aud", out var audience)
            || !m.TryText("challenge", out var challenge))
        {
            return false;
        }
        signIn = new(audience, challenge);
        return true;
    }
}
