using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Client;

/// <summary>Makes signed records of one format for one source: public fields stay open, classified ones become disclosures.</summary>
/// <param name="Key">The source's <c>record</c> key.</param>
/// <param name="Iss">The source's URI.</param>
/// <param name="Chain">Chain id.</param>
/// <param name="Url">The ledger's address; status list URIs lie below it.</param>
/// <param name="Format">The registered format's definition: <c>id</c>, <c>version</c>, <c>classification</c>, <c>lifecycle</c>.</param>
public sealed record RecordSigner(SigningKey Key, string Iss, string Chain, Uri Url, JsonObject Format)
{
    private const int SaltBytes = 16;

    /// <summary>Signs one record.</summary>
    /// <param name="fields">The format's own fields; null values are left out.</param>
    /// <param name="jti">The source's id of this submission, 1 to 128 characters, never used before.</param>
    /// <param name="issuedAt">When it is signed.</param>
    /// <param name="expires">Seconds since 1970 from which it counts as expired; null for never.</param>
    /// <param name="subject">Random pseudonym of the data subject; null where there is none.</param>
    /// <param name="statusIndex">Place in the source's status list, 0 to 2^20 - 1; needed when the format has a life cycle.</param>
    /// <param name="statusList">Number of that list, from 0.</param>
    public string Sign(JsonObject fields, string jti, LedgerTime issuedAt, long? expires = null, string? subject = null, int? statusIndex = null, int statusList = 0)
    {
        var payload = new JsonObject
        {
            ["iss"] = Iss,
            ["vct"] = string.Create(CultureInfo.InvariantCulture, $"urn:eventledger:{Format["id"]}:{Format["version"]}"),
            ["ledger"] = Chain,
            ["jti"] = jti,
            ["iat"] = issuedAt.UnixMs / 1000,
        };
        if (expires is { } end)
        {
            payload["exp"] = end;
        }
        if (subject is not null)
        {
            payload["sub"] = subject;
        }
        if (Format["lifecycle"]?.GetValue<bool>() == true)
        {
            payload["status"] = new JsonObject
            {
                ["status_list"] = new JsonObject
                {
                    ["idx"] = statusIndex ?? RandomNumberGenerator.GetInt32(StatusList.Capacity),
                    ["uri"] = new Uri(Url, EventTable.StatusListPath(Iss, statusList)).ToString(),
                },
            };
        }
        var disclosures = new List<string>();
        foreach (var (name, value) in fields)
        {
            if (value is null)
            {
                continue;
            }
            if (Format["classification"]?[name]?.GetValue<string>() is "personal" or "restricted")
            {
                disclosures.Add(SdJwt.Disclosure(RandomNumberGenerator.GetBytes(SaltBytes), name, value));
            }
            else
            {
                payload[name] = value.DeepClone();
            }
        }
        return SdJwt.Create(Key, payload, disclosures);
    }
}
