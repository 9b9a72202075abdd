using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.Provisioning.Records;
using EventLedger.EventStore;
using Npgsql;

namespace EventLedger.Api.Provisioning.Queries;

/// <summary>Answers queries: checks what the formats say about the fields, then reads.</summary>
public sealed class QueryAnswers(RecordTables tables, QueryTables rows, Snapshot snapshot, IEventStore store)
{
    /// <summary>A question that may be asked: as of which block, and what each format calls its fields.</summary>
    /// <param name="Query">The question.</param>
    /// <param name="AsOf">The block.</param>
    public sealed record Ready(RecordQuery Query, AsOf AsOf);

    /// <summary>One page.</summary>
    public async Task<Answer<QueryPage>> Page(RecordQuery query, string? address, CancellationToken cancellation)
    {
        var ready = await Prepare(query, cancellation);
        if (ready.Value is not { } asked)
        {
            return ready.Problem!;
        }
        try
        {
            long? total = query.IsCounted ? await Total(asked, cancellation) : null;
            var page = await rows.Page(asked.Query, asked.AsOf.Size, cancellation);
            var items = new List<QueryItem>(page.Count);
            foreach (var row in page)
            {
                items.Add(await Item(asked.Query, row, cancellation));
            }
            var next = page.Count == query.Limit ? Place(asked, page[^1]).ToString() : null;
            return new QueryPage(total, asked.AsOf, items, next, address);
        }
        catch (NpgsqlException e) when (QueryTables.IsTooWide(e))
        {
            return new Problem("query-too-wide", "The question reads for longer than 20 seconds. Add a condition with eq, in or prefix, or compare a key field, a number or a date.");
        }
    }

    /// <summary>All rows of a question, one by one.</summary>
    public async IAsyncEnumerable<QueryItem> All(Ready asked, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in rows.All(asked.Query, asked.AsOf.Size, cancellation))
        {
            yield return await Item(asked.Query, row, cancellation);
        }
    }

    /// <summary>The block of a question; a problem when a format or field does not exist or cannot be asked for.</summary>
    public async Task<Answer<Ready>> Prepare(RecordQuery query, CancellationToken cancellation)
    {
        foreach (var selection in query.Join is { } join ? query.From.Append(join.With) : query.From)
        {
            var formats = await tables.FormatsOf(selection.Format, cancellation);
            if (formats.Count == 0)
            {
                return new Problem("query-malformed", $"There is no format '{selection.Format}'. /r2d/v1/formats lists those there are.");
            }
            var asked = selection.Where.Select(c => c.Field).Concat(selection.Names.Values)
                .Concat(query.Join?.On.Select(p => selection == query.Join.With ? p.Right : p.Left) ?? []);
            if (query.Order?.Field is { } order && !FieldIndexes.Fields(formats[0]).Contains(order))
            {
                return new Problem("query-malformed", $"Rows of '{selection.Format}' can go by id, {string.Join(", ", FieldIndexes.Fields(formats[0]))}: '{order}' has no index.");
            }
            if (asked.Select(f => Refused(f, formats)).FirstOrDefault(p => p is not null) is { } refused)
            {
                return refused;
            }
        }
        return await At(query, cancellation);
    }

    /// <summary>The columns of a question in the order of the formats.</summary>
    public async Task<IReadOnlyList<string>> Columns(RecordQuery query, CancellationToken cancellation)
    {
        if (query.Fields.Count > 0)
        {
            return query.Fields;
        }
        var columns = new List<string>();
        foreach (var selection in query.From)
        {
            var renamed = selection.Names.ToLookup(n => n.Value, n => n.Key, StringComparer.Ordinal);
            foreach (var format in await tables.FormatsOf(selection.Format, cancellation))
            {
                columns.AddRange(format.Fields.Where(format.IsPublic).SelectMany(f => renamed[f].DefaultIfEmpty(f)).Where(c => !columns.Contains(c)));
            }
        }
        return columns;
    }

    /// <summary>The type of a field by its format's newest version; "" for none.</summary>
    public async Task<Func<string, string>> Types(string format, CancellationToken cancellation) =>
        await tables.FormatsOf(format, cancellation) is [var newest, ..] ? newest.TypeOf : _ => "";

    private static Cursor Place(Ready asked, QueryRow last) => new(asked.AsOf.Height, last.Record.Seq, last.Joined?.Seq ?? 0,
        asked.Query.Order?.Field is { } field ? last.Record.Claims.TryGetProperty(field, out var value) ? value.GetRawText() : Cursor.Without : null);

    private static Problem? Refused(string field, IReadOnlyList<FormatShape> formats)
    {
        if (formats.Any(f => f.IsPublic(field)))
        {
            return null;
        }
        return formats.Any(f => f.Withheld.Contains(field))
            ? new("query-malformed", $"Field '{field}' of '{formats[0].Id}' is not public: nobody can search by it, for the ledger holds only its digest. "
                + "Who has a grant reads it record by record at /u2s/v1/records/{id}/disclosed.")
            : new("query-malformed", $"Format '{formats[0].Id}' has no field '{field}'. It has {string.Join(", ", formats[0].Fields.Where(formats[0].IsPublic))}.");
    }

    private async Task<Answer<Ready>> At(RecordQuery query, CancellationToken cancellation)
    {
        var now = await snapshot.Now(cancellation);
        if ((query.After?.Height ?? query.AsOf) is not { } height || height == now.Height)
        {
            return new Ready(query, now);
        }
        if (height > now.Height || (height > 0 ? await store.Block(height, cancellation) : null) is not { } block)
        {
            return new Problem("height-unknown", $"There is no block {height} yet: the newest is {now.Height}.");
        }
        return new Ready(query, new(block.Height, block.Size, block.Time));
    }

    // A whole format is counted as its records come in.
    private async Task<long> Total(Ready asked, CancellationToken cancellation)
    {
        var (query, size) = (asked.Query, asked.AsOf.Size);
        if (query is not { Join: null, From: [{ Where.Count: 0 } all] })
        {
            return await rows.Total(query, size, cancellation);
        }
        var total = await tables.Total(new(0, size, all.Format, all.Iss), cancellation);
        return query.IsNewestOnly ? total - await tables.Superseded(all.Format, all.Iss, size, cancellation) : total;
    }

    private async Task<QueryItem> Item(RecordQuery query, QueryRow row, CancellationToken cancellation)
    {
        var joined = row.Joined is { } other ? await View(query, other, query.Join!.With.Names, null, cancellation) : null;
        var names = query.From.First(s => s.Format == row.Record.Format).Names;
        return await View(query, row.Record, names, joined, cancellation);
    }

    private async Task<QueryItem> View(RecordQuery query, RecordRow row, IReadOnlyDictionary<string, string> names, QueryItem? joined, CancellationToken cancellation)
    {
        var format = await tables.Format(row.Vct, cancellation);
        var fields = new JsonObject();
        foreach (var claim in row.Claims.EnumerateObject())
        {
            var shown = names.Where(n => n.Value == claim.Name).Select(n => n.Key).DefaultIfEmpty(claim.Name);
            foreach (var name in shown.Where(n => query.Fields.Count == 0 || query.Fields.Contains(n)))
            {
                fields[name] = JsonNode.Parse(claim.Value.GetRawText());
            }
        }
        return new(row.Seq, row.Title, new(row.Iss, row.Source), RecordAnswers.Kind(format), row.Time, fields, joined);
    }
}
