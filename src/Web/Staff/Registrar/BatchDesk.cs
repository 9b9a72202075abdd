using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Web.Staff.Registrar;

/// <summary>Makes of each row of a spreadsheet what would be signed: the licence that stands, with what the row says otherwise.</summary>
/// <param name="desk">The ledger.</param>
/// <param name="format">The format of all rows.</param>
/// <param name="vct">Its id and version.</param>
/// <param name="iss">The source.</param>
/// <param name="words">The reader's language.</param>
public sealed class BatchDesk(DeskLedger desk, DeskFormat format, string vct, string iss, Site.Tongue words)
{
    /// <summary>The field that a column's heading names, by its name or by what people call it; null for none.</summary>
    public FieldQuestion? FieldOf(string column) =>
        format.Questions.FirstOrDefault(q => string.Equals(q.Name, column, StringComparison.OrdinalIgnoreCase) || string.Equals(q.Label, column, StringComparison.OrdinalIgnoreCase));

    /// <summary>One row's answer: <c>{state: ready | same | wrong, number, detail?, changes[], draft?}</c>.</summary>
    /// <param name="cells">Field → what the row says; an empty cell leaves the field as it is.</param>
    public async Task<JsonObject> Row(IReadOnlyDictionary<string, string> cells)
    {
        var number = cells.GetValueOrDefault(format.Shape.Key[0], "");
        if (number.Length == 0)
        {
            return Wrong(number, words["The row has no number."]);
        }
        var stands = await desk.Licence(number, iss, format.Shape.Id);
        if (!stands.IsGood || stands.Value.At("claims").ValueKind != JsonValueKind.Object)
        {
            return Wrong(number, stands.Problem?.Detail ?? words["Several licences have this number."]);
        }
        if (stands.Value.At("status").Text("value") == "revoked")
        {
            return Wrong(number, words["It was revoked. Issue a new licence by itself if there is to be one."]);
        }
        // What is protected is not shown here: a renewal that says nothing about it would lose it, and nobody would see that.
        if (format.Questions.FirstOrDefault(q => q.IsHidden && cells.GetValueOrDefault(q.Name) is not { Length: > 0 }) is { } untold)
        {
            return Wrong(number, words["{0} is protected and must be told again: add a column for it.", untold.Label]);
        }
        var before = stands.Value.At("claims");
        if (format.Questions.FirstOrDefault(q => format.Stays(q, before) && cells.GetValueOrDefault(q.Name) is { Length: > 0 } said && said != DeskFormat.Answer(before.At(q.Name))) is { } other)
        {
            return Wrong(number, words["{0} would be changed too. That is a correction: do it by itself, with a second person.", other.Label]);
        }
        var answers = format.Questions.ToDictionary(q => q.Name, q => cells.GetValueOrDefault(q.Name) is { Length: > 0 } said ? said : DeskFormat.Answer(before.At(q.Name)));
        if (format.Questions.Select(q => (Question: q, Code: format.Wrong(q, answers[q.Name]))).FirstOrDefault(w => w.Code is not null) is { Code: { } code, Question: { } question })
        {
            return Wrong(number, question.Says(code, words));
        }
        var changes = format.Questions.Where(q => answers[q.Name] != DeskFormat.Answer(before.At(q.Name))).Select(q => (JsonNode)new JsonObject
        {
            ["label"] = q.Label, ["before"] = q.IsHidden ? "" : DeskFormat.Answer(before.At(q.Name)), ["after"] = answers[q.Name],
        }).ToArray();
        if (changes.Length == 0)
        {
            return new() { ["state"] = "same", ["number"] = number, ["changes"] = new JsonArray() };
        }
        var reply = await desk.Draft(format.Wish(vct, iss, answers));
        return reply.IsGood
            ? new() { ["state"] = "ready", ["number"] = number, ["changes"] = new JsonArray(changes), ["draft"] = Draft(reply.Value) }
            : Wrong(number, reply.Problem!.Detail);
    }

    // What the browser must hold to sign it and hand it in, and no more.
    private static JsonObject Draft(JsonElement draft) => new(new[] { "payload", "disclosures", "nonce", "exp", "subject" }.Select(n => KeyValuePair.Create(n, JsonNode.Parse(draft.At(n).GetRawText()))));

    private static JsonObject Wrong(string number, string detail) => new() { ["state"] = "wrong", ["number"] = number, ["detail"] = detail, ["changes"] = new JsonArray() };
}
