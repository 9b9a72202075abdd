using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;

namespace EventLedger.Api.R2D;

/// <summary>
/// <c>GET /r2d/v1/interfaces</c>: the ways in which data comes in, each with its parameters as JSON Schema, and those that a source may look for in vain.
/// Source: ITU-T Y.4561 (08/2020) 7.3.4.
/// </summary>
public static class DataInterfaces
{
    private const string Unsigned = "Whoever collects signs first: a host that fetched unsigned data would have to sign for its source. 'file-drop' is what a job calls that has fetched some.";

    /// <summary>The catalogue.</summary>
    public static IResult List(LedgerOptions options) => Json.Ok(new JsonObject
    {
        ["interfaces"] = new JsonArray(
            Offered("http-single", "http", "One record a request", "POST", "/r2d/v1/submissions", Parameters($$"""
                {"type":"object","required":["Content-Type","body"],"additionalProperties":false,"properties": {
                 "Content-Type":{"const":"{{SubmitEndpoint.MediaType}}"},
                 "Prefer":{"type":"string","pattern":"^(wait=[0-9]{1,9})?(, *)?(return=minimal)?$","description":"wait=N waits up to N seconds, at most {{(int)options.WaitMax.TotalSeconds}}, for the proof; return=minimal with it leaves the proof out."},
                 "body":{"type":"string","minLength":1,"maxLength":{{Limits.RecordBytesMax}},"pattern":"^[\\x21-\\x7E]+[\\r\\n]*$","description":"An SD-JWT with its disclosures, signed by a record key of the source."} } }
                """)),
            Offered("http-bulk", "http", "Any number of records in one request, answered while they come", "POST", "/r2d/v1/submissions/bulk", Parameters($$"""
                {"type":"object","required":["Content-Type","body"],"additionalProperties":false,"properties": {
                 "Content-Type":{"const":"{{BulkEndpoint.MediaType}}"},
                 "body":{"type":"array","description":"Its items are the lines of the body.","items":{"type":"string","minLength":1,"maxLength":{{Limits.RecordBytesMax}},"pattern":"^[\\x21-\\x7E]+$","description":"An SD-JWT with its disclosures."} } } }
                """)),
            new JsonObject
            {
                ["id"] = "file-drop", ["category"] = "file", ["title"] = "A table as a file, signed on the source's machine and sent in bulk; goes on where it was interrupted", ["offered"] = true,
                ["command"] = "./ledger import", ["parameters"] = Parameters("""
                {"type":"object","required":["file","--map","--iss","--key"],"additionalProperties":false,"properties":{
                 "file":{"type":"string","pattern":"\\.([cC][sS][vV]|[xX][lL][sS][xX])$","description":"CSV or Excel with a header row."},
                 "--map":{"type":"string","description":"JSON file: which rows become which records."},
                 "--iss":{"type":"string","format":"uri","description":"The source."},
                 "--key":{"type":"string","description":"File with the source's record key."},
                 "--spool":{"type":"string","description":"Folder where signed lines and answers are kept."},
                 "--url":{"type":"string","format":"uri","description":"The ledger."}}}
                """),
            },
            Missing("ftp", "Files that the ledger fetches over FTP or SFTP", Unsigned),
            Missing("etl", "Tables that the ledger extracts from a source's database", Unsigned),
            Missing("log", "Lines of a log that the ledger follows", Unsigned)),
    });

    private static JsonObject Offered(string id, string category, string title, string method, string path, JsonObject parameters) => new()
    {
        ["id"] = id, ["category"] = category, ["title"] = title, ["offered"] = true, ["method"] = method, ["path"] = path, ["parameters"] = parameters,
    };

    private static JsonObject Missing(string id, string title, string reason) => new() { ["id"] = id, ["category"] = id, ["title"] = title, ["offered"] = false, ["reason"] = reason };

    private static JsonObject Parameters(string schema)
    {
        var json = JsonNode.Parse(schema)!.AsObject();
        json.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        return json;
    }
}
