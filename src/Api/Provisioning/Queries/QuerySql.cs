using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Kernel;
using Npgsql;
using NpgsqlTypes;

namespace EventLedger.Api.Provisioning.Queries;

/// <summary>Turns a query into one statement. Whatever a user sends is a parameter; the text holds only what stands in this file.</summary>
internal sealed class QuerySql
{
    private const int NearRows = 2000;

    private readonly StringBuilder text = new();
    private readonly List<NpgsqlParameter> parameters = [];
    private readonly RecordQuery query;
    private readonly string upTo;
    private readonly bool isNear;

    private QuerySql(RecordQuery query, long size, bool isNear = false)
    {
        (this.query, this.isNear) = (query, isNear);
        upTo = Add(size);
    }

    /// <summary>A page, or with a limit of null all rows; of a joined row both records one after the other.</summary>
    public static NpgsqlCommand Rows(RecordQuery query, long size, int? limit) => new QuerySql(query, size).Page(limit);

    /// <summary>
    /// A page out of the next rows of the log alone, whatever the index of words would say: where very many begin so, that costs a part of gathering them all. Fewer
    /// rows than the limit say nothing. Null for a question that has other means.
    /// </summary>
    public static NpgsqlCommand? Near(RecordQuery query, long size, int limit) =>
        query is { Join: null, From: [var from], Order: null or { Field: null } } && from.Where.Any(c => c.Op == "prefix") && !IsFoundByEqual(from) ? new QuerySql(query, size, isNear: true).Page(limit) : null;

    /// <summary>Where rows go by a field, those without it, which come last.</summary>
    public static NpgsqlCommand Last(RecordQuery query, long size, int? limit) => new QuerySql(query, size).Without(limit);

    /// <summary>How many rows there are in all.</summary>
    public static NpgsqlCommand Count(RecordQuery query, long size) => new QuerySql(query, size).Total();

    private NpgsqlCommand Page(int? limit)
    {
        var after = query.After ?? new(0, query.Order is { IsDescending: true } ? long.MaxValue : 0, 0);
        var rows = limit is { } most ? $" limit {Add((long)most)}" : "";
        if (query.Join is { } join)
        {
            var from = Add(after.Seq);
            Joined(join, Both("l"), Both("r"), $"l.seq >= {from} and (l.seq, r.seq) > ({from}, {Add(after.Joined)})");
            text.Append(CultureInfo.InvariantCulture, $" order by l.seq, r.seq{rows}");
        }
        else if (query.Order is { } order)
        {
            Ordered(order, after, rows);
        }
        else if (query.From.Count == 1)
        {
            Selected(query.From[0], RecordRow.Columns, $"seq > {Add(after.Seq)}");
            text.Append(CultureInfo.InvariantCulture, $" order by seq{rows}");
        }
        else
        {
            // Each part stops at the limit by itself, so that the list of many formats costs what their first pages cost.
            var from = Add(after.Seq);
            text.Append(CultureInfo.InvariantCulture, $"select {RecordRow.Columns} from (");
            for (var i = 0; i < query.From.Count; i++)
            {
                text.Append(i == 0 ? "(" : " union all (");
                Selected(query.From[i], RecordRow.Columns, $"seq > {from}");
                text.Append(CultureInfo.InvariantCulture, $" order by seq{rows})");
            }
            text.Append(CultureInfo.InvariantCulture, $") u order by seq{rows}");
        }
        return Command();
    }

    private void Ordered(Order order, Cursor after, string rows)
    {
        var (sign, way) = order.IsDescending ? ("<", " desc") : (">", "");
        if (order.Field is null)
        {
            Selected(query.From[0], RecordRow.Columns, $"seq {sign} {Add(after.Seq)}");
            text.Append(CultureInfo.InvariantCulture, $" order by seq{way}{rows}");
            return;
        }
        var field = Add(order.Field);
        var place = after.Value is { } value ? $"(claims -> {field}, seq) {sign} ({AddJson((JsonValue)JsonNode.Parse(value)!)}, {Add(after.Seq)})" : $"claims -> {field} is not null";
        Selected(query.From[0], RecordRow.Columns, place);
        text.Append(CultureInfo.InvariantCulture, $" order by claims -> {field}{way}, seq{way}{rows}");
    }

    // The index has them too, after all values, in the order of the log.
    private NpgsqlCommand Without(int? limit)
    {
        var order = query.Order!;
        var (sign, way) = order.IsDescending ? ("<", " desc") : (">", "");
        var (field, after) = (Add(order.Field!), query.After is { Value: Cursor.Without } place ? place.Seq : order.IsDescending ? long.MaxValue : 0);
        Selected(query.From[0], RecordRow.Columns, $"claims -> {field} is null and seq {sign} {Add(after)}");
        text.Append(CultureInfo.InvariantCulture, $" order by claims -> {field}{way}, seq{way}{(limit is { } most ? $" limit {Add((long)most)}" : "")}");
        return Command();
    }

    private NpgsqlCommand Total()
    {
        text.Append("select count(*) from (");
        if (query.Join is { } join)
        {
            Joined(join, "1", "1", "true");
        }
        else
        {
            for (var i = 0; i < query.From.Count; i++)
            {
                text.Append(i == 0 ? "" : " union all ");
                Selected(query.From[i], "seq", "true");
            }
        }
        text.Append(") c");
        return Command();
    }

    private void Joined(Join join, string left, string right, string place)
    {
        text.Append(CultureInfo.InvariantCulture, $"select {left}, {right} from (");
        Selected(query.From[0], RecordRow.Columns, "true");
        text.Append(") l join (");
        Selected(join.With, RecordRow.Columns, "true");
        text.Append(") r on ");
        text.AppendJoin(" and ", join.On.Select(p => $"l.claims -> {Add(p.Left)} = r.claims -> {Add(p.Right)}"));
        text.Append(CultureInfo.InvariantCulture, $" where {place}");
    }

    private void Selected(Selection selection, string columns, string place)
    {
        var found = $"view_provisioning.found f where format = {Add(selection.Format)} and {place} and seq <= {upTo}";
        text.Append(CultureInfo.InvariantCulture,
            $"select {columns} from {(isNear ? $"(select * from {found} order by seq{(query.Order is { IsDescending: true } ? " desc" : "")} limit {NearRows}) f where true" : found)}");
        if (selection.Iss is { } iss)
        {
            text.Append(CultureInfo.InvariantCulture, $" and iss = {Add(iss)}");
        }
        foreach (var condition in selection.Where)
        {
            text.Append(" and ");
            Append(condition, selection);
        }
        if (query.IsNewestOnly)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                 and not exists (select from view_provisioning.records n where n.stream = f.stream and n.seq > f.seq and n.seq <= {upTo} and n.version > 1
                and not exists (select from ledger_rejections x where x.seq = n.seq))
                """);
        }
    }

    private void Append(Condition condition, Selection selection)
    {
        var field = Add(condition.Field);
        switch (condition.Op)
        {
            // All words that begin so may be very many: where another condition finds the rows, they are looked at one by one.
            case "prefix" when isNear || IsFoundByEqual(selection):
                text.Append(CultureInfo.InvariantCulture, $"starts_with(claims ->> {field}, {Add(TextOf(condition.Values[0]))}) and jsonb_typeof(claims -> {field}) in ('string', 'number', 'boolean')");
                break;
            case "eq" or "prefix":
                text.Append(CultureInfo.InvariantCulture, $"words @@ {Word(condition, 0, field)}");
                break;
            case "in":
                text.Append(CultureInfo.InvariantCulture, $"words @@ ({string.Join(" || ", condition.Values.Select((_, i) => Word(condition, i, field)))})");
                break;
            case "ne":
                text.Append(CultureInfo.InvariantCulture, $"claims ->> {field} <> {Add(TextOf(condition.Values[0]))}");
                break;
            default:
                var sign = condition.Op switch { "lt" => "<", "le" => "<=", "gt" => ">", _ => ">=" };
                var value = condition.Values[0];
                // Values of one type only: a text is neither below nor above a number.
                text.Append(CultureInfo.InvariantCulture, $"claims -> {field} {sign} {AddJson(value)} and jsonb_typeof(claims -> {field}) = {Add(TypeOf(value))}");
                break;
        }
    }

    private static bool IsFoundByEqual(Selection selection) => selection.Where.Any(c => c.Op is "eq" or "in");

    private string Word(Condition condition, int value, string field) =>
        $"view_provisioning.field_query({field}, {Add(TextOf(condition.Values[value]))}, {(condition.Op == "prefix" ? "true" : "false")})";

    // As the claims hold it: numbers in their canonical form.
    private static string TextOf(JsonValue value) => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : Encoding.UTF8.GetString(Jcs.Bytes(value));

    private static string TypeOf(JsonValue value) => value.GetValueKind() switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "boolean",
    };

    private static string Both(string alias) => string.Join(", ", RecordRow.Columns.Split(", ").Select(c => $"{alias}.{c}"));

    private string Add<T>(T value)
    {
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}");
    }

    private string AddJson(JsonValue value)
    {
        parameters.Add(new() { Value = Encoding.UTF8.GetString(Jcs.Bytes(value)), NpgsqlDbType = NpgsqlDbType.Jsonb });
        return string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}");
    }

    private NpgsqlCommand Command()
    {
        var command = new NpgsqlCommand(text.ToString());
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
