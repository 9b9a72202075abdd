using System.Globalization;
using EventLedger.Domain.Kernel;
using Npgsql;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>
/// What a format's registration adds to the tables: an index for each field by whose order people ask, so that a range or a join over a million records
/// reads what it gives and no more. Equal and "begins with" need none: they are words.
/// </summary>
public static class FieldIndexes
{
    // Every index costs each record a write; formats with more such fields answer the further ones by reading along.
    private const int CountMax = 6;

    /// <summary>The statements, names without a schema.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Of(FormatShape format) => Fields(format).Select(field => new NpgsqlBatchCommand(string.Create(CultureInfo.InvariantCulture,
        $"create index if not exists {Name(format, field)} on records ((claims -> {Quoted(field)}), seq) where format = {Quoted(format.Id)}")));

    /// <summary>Key fields, because other formats name them; numbers and dates, because they are compared.</summary>
    public static IEnumerable<string> Fields(FormatShape format) => format.Key
        .Concat(format.Fields.Where(f => format.TypeOf(f) is "integer" or "number" or "date"))
        .Distinct(StringComparer.Ordinal).Where(format.IsPublic).Take(CountMax);

    // The next version of the format finds it made already.
    private static string Name(FormatShape format, string field) => $"records_f_{Digest.Of(System.Text.Encoding.UTF8.GetBytes($"{format.Id}\n{field}")).ToString()[..24]}";

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
