using System.Globalization;
using System.Text;
using CsvHelper;
using ExcelDataReader;

namespace EventLedger.Web.Staff.Registrar;

/// <summary>A spreadsheet as it was read.</summary>
/// <param name="Columns">The first line.</param>
/// <param name="Rows">The others; a row that ends early is filled up with empty cells.</param>
public sealed record Sheet(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>Reads what people keep lists in: CSV, or the first sheet of an Excel file.</summary>
public static class SheetReader
{
    /// <summary>Most rows of one batch: what a browser's page shows and signs without growing slow.</summary>
    public const int RowsMax = 2000;

    /// <summary>Largest file, in bytes.</summary>
    public const int SizeBytesMax = 8 << 20;

    private const int ColumnsMax = 200, CellLengthMax = 4000;

    /// <summary>Reads a file; on failure what is wrong, in a sentence.</summary>
    public static (Sheet? Sheet, string? Problem) Read(Stream file, string name)
    {
        try
        {
            var lines = (Path.GetExtension(name).Equals(".xlsx", StringComparison.OrdinalIgnoreCase) ? Excel(file) : Csv(file)).Take(RowsMax + 2).ToList();
            if (lines.Count < 2 || lines[0].All(string.IsNullOrWhiteSpace))
            {
                return (null, "The file has no rows: the first line names the columns, the lines below it hold one licence each.");
            }
            if (lines.Count > RowsMax + 1 || lines[0].Count > ColumnsMax)
            {
                return (null, $"The file is too large: at most {RowsMax} rows and {ColumnsMax} columns at a time. Cut it in two.");
            }
            var columns = lines[0].Select(c => c.Trim().TrimStart('\uFEFF')).ToList();
            return (new(columns, [.. lines.Skip(1).Where(l => l.Any(c => c.Length > 0)).Select(l => columns.Select((_, i) => i < l.Count ? Cut(l[i]) : "").ToList())]), null);
        }
        catch (Exception e) when (e is CsvFormatException or ExcelDataReader.Exceptions.ExcelReaderException or InvalidDataException or IOException or ArgumentException)
        {
            // Whatever ails it, the person has the file and can save it anew.
            return (null, "This file cannot be read. Save it as CSV (UTF-8) or as an Excel workbook (.xlsx) and try again.");
        }
    }

    private static string Cut(string text) => text.Length > CellLengthMax ? text[..CellLengthMax] : text.Trim();

    private static IEnumerable<IReadOnlyList<string>> Csv(Stream file)
    {
        using var csv = CsvReader.Create(file, CsvReaderOptions.Default with { HasHeader = false });
        while (csv.Read())
        {
            yield return [.. Enumerable.Range(0, Math.Min(csv.FieldCount, ColumnsMax + 1)).Select(csv.GetString)];
        }
    }

    private static IEnumerable<IReadOnlyList<string>> Excel(Stream file)
    {
        // The library asks for the code page of old Excel files even where it reads none.
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        using var reader = ExcelReaderFactory.CreateOpenXmlReader(file);
        while (reader.Read())
        {
            yield return [.. Enumerable.Range(0, Math.Min(reader.FieldCount, ColumnsMax + 1)).Select(i => Text(reader.GetValue(i)))];
        }
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        bool truth => truth ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        // Workbooks hold days as midnights, which the invariant culture writes so.
        IFormattable other => other.ToString("s", CultureInfo.InvariantCulture) is var said && said.EndsWith("T00:00:00", StringComparison.Ordinal) ? said[..10] : said,
        _ => "",
    };
}
