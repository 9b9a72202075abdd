using System.Text.Json;
using EventLedger.Domain.Ledger;
using Npgsql;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>What events of authority change in the tables of sources, keys and formats. They are few, so each is a statement of its own.</summary>
internal static class AuthorityRows
{
    public static IEnumerable<NpgsqlBatchCommand> Commands(Entry e, JsonElement data) => e.Type switch
    {
        EventTable.SourceApproved when Request(data) is { } r => [RecordRows.Command("put_source", r.Iss, r.Name, "active", e.Seq), PutKey(e, r)],
        EventTable.KeyAdded when Request(data) is { } r => [PutKey(e, r)],
        EventTable.SourceSuspended => [MoveSource(data, "suspended")],
        EventTable.SourceReinstated => [MoveSource(data, "active")],
        EventTable.SourceRetired => [MoveSource(data, "retired")],
        EventTable.SourceProfiled => [RecordRows.Command("quarantine_source", data.GetProperty("iss").GetString()!, data.GetProperty("profile").GetProperty("quarantined").GetBoolean())],
        EventTable.KeyRevoked => [RecordRows.Command("revoke_key", data.GetProperty("kid").GetString()!, e.Seq)],
        EventTable.FormatRegistered => PutFormat(e, data.GetProperty("format")),
        EventTable.FormatRetired => [RecordRows.Command("retire_format",
            FormatShape.VctOf(data.GetProperty("id").GetString()!, data.GetProperty("version").GetInt64()), e.Seq)],
        _ => [],
    };

    private static SourceRequest? Request(JsonElement data) => SourceRequest.TryParse(data.GetProperty("request").GetString()!, out var request, out _) ? request : null;

    private static NpgsqlBatchCommand PutKey(Entry e, SourceRequest r) =>
        RecordRows.Command("put_key", r.Key.Kid, r.Iss, r.Key.ToJson().ToJsonString(), r.Purpose, e.Seq);

    private static NpgsqlBatchCommand MoveSource(JsonElement data, string state) => RecordRows.Command("move_source", data.GetProperty("iss").GetString()!, state);

    private static IEnumerable<NpgsqlBatchCommand> PutFormat(Entry e, JsonElement definition)
    {
        var format = new FormatShape(definition);
        return FieldIndexes.Of(format).Prepend(RecordRows.Command("put_format", format.Vct, definition.GetRawText(), e.Seq));
    }
}
