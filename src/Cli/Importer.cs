using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary>What became of an import.</summary>
/// <param name="Lines">Signed lines in all.</param>
/// <param name="Accepted">How many the ledger took.</param>
/// <param name="Refused">How many it did not take.</param>
/// <param name="Reasons">Each reason, most frequent first, with how often it was given.</param>
/// <param name="Spool">Folder with the lines and the answers to them.</param>
internal sealed record ImportReport(long Lines, long Accepted, long Refused, IReadOnlyList<(string Reason, int Times)> Reasons, string Spool);

/// <summary>
/// Imports a table. The signed lines are written to a spool folder before the first is sent, so that an interrupted import goes on with the very same
/// bytes; the id of each submission comes from file hash and row, so that nothing can enter twice.
/// </summary>
/// <param name="ledger">The ledger.</param>
/// <param name="key">The source's record key.</param>
/// <param name="iss">The source's URI.</param>
/// <param name="url">The ledger's address.</param>
/// <param name="spoolRoot">Folder for spools.</param>
internal sealed class Importer(LedgerClient ledger, SigningKey key, string iss, Uri url, string spoolRoot)
{
    private readonly HashSet<int> usedIndexes = [];

    public async Task<ImportReport> Run(string table, string mappingPath, Func<long, Func<Action<long>, Task>, Task> progress, CancellationToken cancel)
    {
        var file = await File.ReadAllBytesAsync(table, cancel);
        var hash = Digest.Of([.. Digest.Of(file).ToArray(), .. Digest.Of(await File.ReadAllBytesAsync(mappingPath, cancel)).ToArray()]).ToString()[..16];
        var spool = Directory.CreateDirectory(Path.Combine(spoolRoot, hash)).FullName;
        var lines = Path.Combine(spool, "lines");
        if (!File.Exists(lines))
        {
            var chain = (await ledger.Genesis(cancel)).Chain;
            WriteDurably(lines, Sign(table, mappingPath, hash, chain));
        }
        var total = File.ReadLines(lines).LongCount();
        var answers = Path.Combine(spool, "answers.ndjson");
        CutTornAnswer(answers);
        await progress(total, report => Send(lines, answers, report, cancel));
        var problems = File.ReadLines(answers).Where(l => l.Contains("\"problem\"", StringComparison.Ordinal)).Select(l => JsonNode.Parse(l)!["problem"]!);
        var reasons = problems.GroupBy(p => $"{p["code"]}: {p["detail"]}").Select(g => (g.Key, g.Count())).OrderByDescending(g => g.Item2).ToList();
        var refused = reasons.Sum(r => r.Item2);
        return new(total, total - refused, refused, reasons, spool);
    }

    private async Task Send(string lines, string answers, Action<long> report, CancellationToken cancel)
    {
        var done = File.Exists(answers) ? File.ReadLines(answers).LongCount() : 0;
        report(done);
        await using var output = new StreamWriter(answers, append: true);
        using var input = File.ReadLines(lines).Skip((int)done).GetEnumerator();
        var sent = new Queue<string>();
        await foreach (var answer in ledger.SubmitMany(Lines(input, sent), cancel))
        {
            var line = sent.Dequeue();
            var final = answer["problem"]?["code"]?.GetValue<string>() == RejectionCode.IdxReused ? await WithAnotherIndex(line, cancel) : answer;
            await output.WriteLineAsync(final.ToJsonString().AsMemory(), cancel);
            report(++done);
            if (done % 100 == 0)
            {
                await output.FlushAsync(cancel);
            }
        }
        if (sent.Count > 0)
        {
            throw new HttpRequestException("the connection was cut; run the same command again to go on");
        }
    }

    private static async IAsyncEnumerable<string> Lines(IEnumerator<string> input, Queue<string> sent)
    {
        while (input.MoveNext())
        {
            sent.Enqueue(input.Current);
            yield return input.Current;
            await Task.CompletedTask;
        }
    }

    // A status index is random; in a large register two records may draw the same.
    private async Task<JsonObject> WithAnotherIndex(string line, CancellationToken cancel)
    {
        for (var attempt = 0; ; attempt++)
        {
            if (!SdJwt.TryParse(line, out var record, out var problem))
            {
                throw new InvalidDataException(problem);
            }
            var payload = (JsonObject)JsonNode.Parse(record.Payload.GetRawText())!;
            payload["status"]!["status_list"]!["idx"] = DrawIndex();
            var again = key.SignJws(SdJwt.Typ, Jcs.Bytes(payload)) + "~" + string.Concat(record.Disclosures.Select(d => d + "~"));
            try
            {
                return await ledger.Submit(again, cancel);
            }
            catch (LedgerProblemException e) when (e.Code == RejectionCode.IdxReused && attempt < 10)
            {
                line = again;
            }
        }
    }

    private int DrawIndex()
    {
        int index;
        do
        {
            index = RandomNumberGenerator.GetInt32(StatusList.Capacity);
        }
        while (!usedIndexes.Add(index));
        return index;
    }

    private IEnumerable<string> Sign(string table, string mappingPath, string hash, string chain)
    {
        var mapping = ImportMapping.Read(mappingPath);
        var folder = Path.GetDirectoryName(Path.GetFullPath(mappingPath))!;
        var now = SourceOptions.Now();
        var changes = new List<string>();
        foreach (var kind in mapping.Records)
        {
            var format = Shell.ReadObject(Path.Combine(folder, kind.Format));
            var signer = new RecordSigner(key, iss, chain, url, format);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var row in ImportTable.Rows(table, mapping.Sheet))
            {
                if (kind.Where is { } where && !where.Takes(row.Cell))
                {
                    continue;
                }
                if (kind.Once is { } once && !seen.Add(string.Join('\n', once.Select(row.Cell))))
                {
                    continue;
                }
                var (fields, expires) = Read(kind, row, table);
                var jti = string.Create(CultureInfo.InvariantCulture, $"{hash}-{row.Number}-{format["id"]}");
                yield return signer.Sign(fields, jti, now, expires,
                    statusIndex: format["lifecycle"]?.GetValue<bool>() == true ? DrawIndex() : null);
                if (kind.Status is { } status && status.Values.TryGetValue(row.Cell(status.Column), out var change))
                {
                    changes.Add(RecordRules.CreateStatusChange(key, iss, chain, jti + "-status", now, format["id"]!.GetValue<string>(),
                        new([.. format["key"]!.AsArray().Select(k => fields[k!.GetValue<string>()]?.DeepClone())]), change, status.Reason));
                }
            }
        }
        // A status needs its record first.
        foreach (var change in changes)
        {
            yield return change;
        }
    }

    private static (JsonObject Fields, long? Expires) Read(ImportRecord kind, ImportRow row, string table)
    {
        try
        {
            return (new(kind.Fields.Select(f => KeyValuePair.Create(f.Key, f.Value.Of(row)))), kind.Expires?.Seconds(row));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{table}, row {row.Number} after the header: {e.Message}"), e);
        }
    }

    private static void WriteDurably(string path, IEnumerable<string> lines)
    {
        var half = path + ".half";
        using (var file = new FileStream(half, FileMode.Create))
        {
            using var writer = new StreamWriter(file, leaveOpen: true);
            foreach (var line in lines)
            {
                writer.Write(line + "\n");
            }
            writer.Flush();
            file.Flush(flushToDisk: true);
        }
        File.Move(half, path);
    }

    // A line cut off by a crash is no answer; its row is asked again and gets its first receipt.
    private static void CutTornAnswer(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        var text = new byte[file.Length];
        file.ReadExactly(text);
        file.SetLength(text.AsSpan().LastIndexOf((byte)'\n') + 1);
    }
}
