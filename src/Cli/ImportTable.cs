using System.Globalization;
using System.Text;
using CsvHelper;
using ExcelDataReader;

namespace EventLedger.Cli;

/// <summary>One row of a table.</summary>
/// <param name="Number">Its number after the header, from 1; empty rows count.</param>
/// <param name="Cell">The text in a column; empty for an empty cell, also where the row ends before it.</param>
internal sealed record ImportRow(long Number, Func<string, string> Cell);

/// <summary>Reads tables row by row, whatever they are written in: what is not there is empty, what is there stays as it is.</summary>
internal static class ImportTable
{
    /// <summary>The rows of a file: Excel by its name's end, else CSV.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sheet">Name of the sheet of an Excel file; null for the first.</param>
    public static IEnumerable<ImportRow> Rows(string path, string? sheet) =>
        Path.GetExtension(path).Equals(".xlsx", StringComparison.OrdinalIgnoreCase) ? Excel(path, sheet) : Csv(path);

    private static IEnumerable<ImportRow> Csv(string path)
    {
        using var csv = CsvReader.FromFile(path);
        for (long row = 1; csv.Read(); row++)
        {
            yield return new(row, column => csv.TryGetFieldIndex(column, out _) ? csv.GetStringOrNull(column) ?? "" : throw Missing(column, csv.Headers.ToArray()));
        }
    }

    private static IEnumerable<ImportRow> Excel(string path, string? sheet)
    {
        // The library asks for the code page of old Excel files even where it reads none.
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        using var file = File.OpenRead(path);
        using var reader = ExcelReaderFactory.CreateOpenXmlReader(file);
        var names = new List<string> { reader.Name };
        while (sheet is not null && reader.Name != sheet)
        {
            if (!reader.NextResult())
            {
                throw new InvalidDataException($"{path} has no sheet \"{sheet}\"; it has: {string.Join(", ", names)}.");
            }
            names.Add(reader.Name);
        }
        if (!reader.Read())
        {
            throw new InvalidDataException($"{path}, sheet {reader.Name}: the first row names the columns, and there is none.");
        }
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < reader.FieldCount; i++)
        {
            columns.TryAdd(Text(reader.GetValue(i)).Trim(), i);
        }
        for (long row = 1; reader.Read(); row++)
        {
            yield return new(row, column => !columns.TryGetValue(column, out var at) ? throw Missing(column, columns.Keys)
                : at < reader.FieldCount ? Text(reader.GetValue(at)) : "");
        }
    }

    // A number as people write it; what is left of the library's types is a date.
    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        bool truth => truth ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        int number => number.ToString(CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        IFormattable moment => moment.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) is var text && text.EndsWith("T00:00:00", StringComparison.Ordinal) ? text[..10] : text,
        _ => "",
    };

    private static InvalidDataException Missing(string column, IEnumerable<string> columns) =>
        new($"There is no column \"{column}\". The first line names: {string.Join(", ", columns)}.");
}
