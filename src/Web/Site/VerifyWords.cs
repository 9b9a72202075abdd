using System.Text.Json;

namespace EventLedger.Web.Site;

/// <summary>The words of the check that runs in the browser, in the reader's language: <c>verify-page.mjs</c> finds them by their English.</summary>
public static class VerifyWords
{
    private static readonly Tongue T = new();

    /// <summary>What a reason code of a verdict means.</summary>
    public static IReadOnlyDictionary<string, string> Codes() => new Dictionary<string, string>
    {
        ["not-json"] = T["The file is no proof: it is not JSON, or is damaged."],
        ["not-canonical"] = T["The file is not in its one proper form: somebody has written it anew."],
        ["version"] = T["The proof is of a newer kind than this page knows."],
        ["members"] = T["A part of the proof is missing, or is one that does not belong there."],
        ["chain"] = T["The proof, or a part of it, is of another ledger."],
        ["issuer-key"] = T["The issuer’s key is not the one that the record names."],
        ["issuer-signature"] = T["The issuer did not sign these words."],
        ["disclosure"] = T["A value was changed, or does not belong to this record."],
        ["entry"] = T["The sealed entry is not one that could hold this record."],
        ["record-mismatch"] = T["The sealed entry holds another record."],
        ["inclusion"] = T["The entry is not in the sealed ledger."],
        ["results"] = T["The list of rejected entries is not the sealed one."],
        ["rejected"] = T["The validators rejected this entry."],
        ["set-chain"] = T["The validators do not follow from the genesis file."],
        ["header"] = T["The seal is that of another block."],
        ["commit"] = T["A validator’s signature is not valid."],
        ["quorum"] = T["Too few validators signed."],
        ["status-record"] = T["The status is that of another record or ledger."],
        ["status-height"] = T["The status is older than the seal, or not as of the block that comes with it."],
        ["status-signature"] = T["The status is not signed by enough validators."],
        ["status-missing"] = T["The record can be suspended or revoked, and the proof does not say whether it was."],
        ["ok"] = T["Authentic, and nothing speaks against it."],
        ["suspended"] = T["Authentic, but suspended: it gives no permission now."],
        ["revoked"] = T["Authentic, but revoked: it gives no permission."],
        ["expired"] = T["Authentic, but expired: it gives no permission any more."],
        ["superseded"] = T["Authentic, but a newer record has taken its place."],
    };

    /// <summary>All of them as JSON: sentences by their English, codes by <c>code:</c> and their name.</summary>
    public static string Json()
    {
        var words = new Dictionary<string, string>
        {
            ["Authentic"] = T["Authentic"], ["Authentic, but {0}"] = T["Authentic, but {0}"], ["Not authentic"] = T["Not authentic"], ["Cannot tell"] = T["Cannot tell"],
            ["valid"] = T["valid"], ["suspended"] = T["suspended"], ["revoked"] = T["revoked"], ["expired"] = T["expired"], ["superseded"] = T["superseded"],
            ["Is the content complete and unchanged"] = T["Is the content complete and unchanged"], ["Did the issuer sign it"] = T["Did the issuer sign it"],
            ["Did the validators seal it"] = T["Did the validators seal it"], ["Is its status proved"] = T["Is its status proved"],
            ["yes"] = T["yes"], ["no"] = T["no"], ["not checked"] = T["not checked"], ["it has none to prove"] = T["it has none to prove"],
            ["How we know"] = T["How we know"], ["Reason code:"] = T["Reason code:"], ["What it says"] = T["What it says"], ["Issued by {0}"] = T["Issued by {0}"],
            ["Status: {0}, as of {1} (block {2})."] = T["Status: {0}, as of {1} (block {2})."], ["Checking {0} …"] = T["Checking {0} …"],
            ["The ledger’s genesis file could not be loaded, so there is nothing to check against. Reload the page when you are online."] =
                T["The ledger’s genesis file could not be loaded, so there is nothing to check against. Reload the page when you are online."],
            ["This browser cannot read codes in pictures. Point your phone’s camera at the code instead, or type the number that stands beside it."] =
                T["This browser cannot read codes in pictures. Point your phone’s camera at the code instead, or type the number that stands beside it."],
            ["There is no code in this picture that can be read. Hold the camera straight, closer, and without shadows."] =
                T["There is no code in this picture that can be read. Hold the camera straight, closer, and without shadows."],
            ["The code leads to this ledger: {0}"] = T["The code leads to this ledger: {0}"], ["Open it"] = T["Open it"],
            ["Careful: the code does not lead to this ledger but to {0}. A fake may carry a code of its own."] =
                T["Careful: the code does not lead to this ledger but to {0}. A fake may carry a code of its own."],
            ["Careful: the code holds no address of this ledger. It says: {0}"] = T["Careful: the code holds no address of this ledger. It says: {0}"],
        };
        foreach (var (code, text) in Codes())
        {
            words[$"code:{code}"] = text;
        }
        return JsonSerializer.Serialize(words);
    }
}
