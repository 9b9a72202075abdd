using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>A registered format: what records of one kind look like, who may see which field, and which fields name a record.</summary>
/// <remarks>Immutable and safe to share between threads. Source: ITU-T Y.4561 (08/2020) 7.3.1; DESIGN section 3.</remarks>
public sealed class RecordFormat
{
    private const long IntegerMax = (1L << 53) - 1;

    internal RecordFormat(FormatFields fields, JsonSchema full, JsonSchema visible, byte[] publicSchema)
    {
        (Id, Version, Title, Fields, Key, HasLifecycle, Sources, Metadata, Upcast) = (fields.Id, fields.Version, fields.Title, fields.Classes, fields.Key,
            fields.HasLifecycle, fields.Sources, fields.Metadata, fields.Upcast);
        var beside = Beside(Metadata is not null, Fields.ContainsKey);
        envelope = new([.. EnvelopeClaims, .. beside]);
        (HasAssertion, HasCorrection) = (beside.Contains("assertion"), beside.Contains("correction"));
        Vct = string.Create(CultureInfo.InvariantCulture, $"urn:eventledger:{Id}:{Version}");
        this.full = full;
        this.visible = visible;
        PublicSchema = publicSchema;
    }

    private readonly NameTable envelope;
    private readonly JsonSchema full;
    private readonly JsonSchema visible;

    /// <summary>Claims that belong to the ledger, not to a format: a schema neither sees nor declares them.</summary>
    public static IReadOnlyList<string> EnvelopeClaims { get; } =
        ["iss", "vct", "ledger", "jti", "iat", "exp", "nbf", "sub", "status", "_sd", "_sd_alg", "cnf"];

    /// <summary>
    /// Claims about how a record came to be: when and where it was captured, by which device, on what ground, and what a registrar asserts. Only a format
    /// with <c>metadata</c> has them; in any other the names are fields like all, but see <see cref="Beside"/>.
    /// </summary>
    public static IReadOnlyList<string> MetadataClaims { get; } = ["captured", "basis", "device", "place", "assertion"];

    /// <summary>The claims beside its fields that a format's records may have: its metadata, a registrar's word, and why an earlier record is put right.</summary>
    /// <param name="hasMetadata">Whether the format has <c>metadata</c>.</param>
    /// <param name="isField">Whether a name is a field of the format's own.</param>
    public static IReadOnlyList<string> Beside(bool hasMetadata, Func<string, bool> isField)
    {
        var hasAssertion = hasMetadata || !isField("assertion");
        return [.. hasMetadata ? MetadataClaims : hasAssertion ? ["assertion"] : [], .. hasAssertion && !isField("correction") ? ["correction"] : (string[])[]];
    }

    /// <summary>1 to 64 lowercase letters, digits and inner hyphens.</summary>
    public string Id { get; }

    /// <summary>1 or more.</summary>
    public int Version { get; }

    /// <summary>What people call it: 1 to 200 characters.</summary>
    public string Title { get; }

    /// <summary>What a record says in its claim <c>vct</c>.</summary>
    public string Vct { get; }

    /// <summary>Every field a record may have, by name.</summary>
    public IReadOnlyDictionary<string, FieldClass> Fields { get; }

    /// <summary>The public fields whose values, in this order, name a record of a source; at least one.</summary>
    public IReadOnlyList<string> Key { get; }

    /// <summary>Whether its records have a status.</summary>
    public bool HasLifecycle { get; }

    /// <summary>The only sources that may use it, by URI; null when every source may.</summary>
    public IReadOnlyList<string>? Sources { get; }

    /// <summary>The claims of <see cref="MetadataClaims"/> that every record must have, maybe none; null where the format has no metadata.</summary>
    public IReadOnlyList<string>? Metadata { get; }

    /// <summary>Whether <c>assertion</c> in its records is a registrar's word, and no field of the format's own.</summary>
    public bool HasAssertion { get; }

    /// <summary>Whether <c>correction</c> in its records is the reason why an earlier one is put right, and no field of the format's own.</summary>
    public bool HasCorrection { get; }

    /// <summary>How a record of an earlier version reads in this one; null where nobody said.</summary>
    public Upcast? Upcast { get; }

    /// <summary>The schema of the public fields alone, in canonical form: what validators hold a record to.</summary>
    public ReadOnlyMemory<byte> PublicSchema { get; }

    /// <summary>
    /// Reads the object <c>{id, version, title, schema, classification, key, lifecycle, sources?, metadata?, upcast?}</c>; false with the reason otherwise.
    /// </summary>
    /// <param name="format">The registered JSON.</param>
    /// <param name="parsed">Null when refused.</param>
    /// <param name="problem">
    /// Null when accepted. Codes: format-malformed, id-invalid, version-invalid, title-invalid, sources-invalid, metadata-invalid, upcast-invalid, key-invalid, field-unclassified,
    /// field-unlisted, field-reserved, schema-open, schema-not-separable, and those of <see cref="JsonSchema"/>.
    /// </param>
    public static bool TryParse(
        JsonElement format, [NotNullWhen(true)] out RecordFormat? parsed, [NotNullWhen(false)] out SchemaProblem? problem)
    {
        try
        {
            parsed = RecordFormatReader.Read(format);
            problem = null;
            return true;
        }
        catch (SchemaRefusal refusal)
        {
            parsed = null;
            problem = refusal.Problem;
            return false;
        }
    }

    /// <summary>Reads <c>urn:eventledger:ID:VERSION</c>; false for anything else.</summary>
    public static bool TryParseVct(string? vct, [NotNullWhen(true)] out string? id, out int version)
    {
        (id, version) = (null, 0);
        if (vct?.Split(':') is not ["urn", "eventledger", var name, var number] || !RecordFormatReader.IsId(name)
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out version) || version < 1 || number[0] == '0')
        {
            return false;
        }
        id = name;
        return true;
    }

    /// <summary>Whether a source may send records of this format.</summary>
    public bool Allows(string iss) => Sources is null || Sources.Contains(iss, StringComparer.Ordinal);

    /// <summary>Whether a field must travel as a disclosure.</summary>
    public bool IsClassified(string field) => Fields.TryGetValue(field, out var fieldClass) && fieldClass != FieldClass.Public;

    /// <summary>The ledger rule: whether the JWT payload, without its envelope claims, is exactly the public part of a record.</summary>
    public bool IsPublicValid(JsonElement payload) => visible.IsValid(payload, envelope);

    /// <summary>Why <see cref="IsPublicValid"/> says no; empty when it says yes.</summary>
    public IReadOnlyList<SchemaError> ValidatePublic(JsonElement payload, int errorsMax = 100) =>
        [.. visible.Validate(payload, errorsMax, envelope).Select(Explain)];

    /// <summary>Checks a whole record: the payload with the disclosed claims put in place. Envelope claims are skipped.</summary>
    public IReadOnlyList<SchemaError> ValidateFull(JsonElement record, int errorsMax = 100) => full.Validate(record, errorsMax, envelope);

    /// <summary>Checks a record as it was sent: what is classified must be disclosed, what is public must be plain, and the whole must fit the
    /// schema.</summary>
    public IReadOnlyList<SchemaError> ValidateFull(
        JsonElement payload, IReadOnlyList<KeyValuePair<string, JsonElement>> disclosed, int errorsMax = 100)
    {
        List<SchemaError> errors = [.. ValidatePublic(payload, errorsMax)];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, _) in disclosed)
        {
            if (!IsClassified(name) || !names.Add(name))
            {
                errors.Add(new(SchemaPointer.Join("", name), "classification",
                    names.Contains(name)
                        ? "Is disclosed twice."
                        : "Is not a classified field of this format: send it as a plain claim, or not at all."));
            }
        }
        if (errors.Count > 0)
        {
            return errors;
        }
        var whole = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(whole))
        {
            writer.WriteStartObject();
            foreach (var member in payload.EnumerateObject())
            {
                member.WriteTo(writer);
            }
            foreach (var (name, value) in disclosed)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        using var record = JsonDocument.Parse(whole.WrittenMemory);
        return ValidateFull(record.RootElement, errorsMax);
    }

    /// <summary>
    /// The stream of a record: <c>record-</c> and the SHA-256 of JCS <c>[iss, id, [key values]]</c>. Null unless there is one value per key field,
    /// each a string or an integer within ±(2^53 - 1) written without point or exponent.
    /// </summary>
    public string? StreamOf(string iss, IReadOnlyList<JsonElement> keyValues)
    {
        if (keyValues.Count != Key.Count)
        {
            return null;
        }
        var json = new ArrayBufferWriter<byte>(128);
        json.Write("["u8);
        Jcs.WriteString(json, iss);
        json.Write(",\""u8);
        json.Write(System.Text.Encoding.ASCII.GetBytes(Id));
        json.Write("\",["u8);
        for (var i = 0; i < keyValues.Count; i++)
        {
            var value = keyValues[i];
            if (value.ValueKind != JsonValueKind.String
                && !(value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number is >= -IntegerMax and <= IntegerMax))
            {
                return null;
            }
            json.Write(i > 0 ? ","u8 : []);
            Jcs.Write(json, value);
        }
        json.Write("]]"u8);
        return $"record-{Digest.Of(json.WrittenSpan)}";
    }

    /// <summary>The stream of the record in a JWT payload; null when <c>iss</c> or a key field is missing or of the wrong kind.</summary>
    public string? StreamOf(JsonElement payload)
    {
        if (payload.ValueKind != JsonValueKind.Object || !payload.TryGetProperty("iss", out var iss) || iss.ValueKind != JsonValueKind.String)
        {
            return null;
        }
        var values = new JsonElement[Key.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (!payload.TryGetProperty(Key[i], out values[i]))
            {
                return null;
            }
        }
        return StreamOf(iss.GetString()!, values);
    }

    // The public schema does not know classified fields; people should not read that theirs is unknown.
    private SchemaError Explain(SchemaError error) =>
        error.Keyword == "additionalProperties"
        && Fields.FirstOrDefault(f => f.Value != FieldClass.Public && SchemaPointer.Join("", f.Key) == error.Pointer) is { Key: not null } field
            ? new(error.Pointer, "classification", $"Is {field.Value.ToString().ToLowerInvariant()}: send it as a disclosure, not as a plain claim.")
            : error;
}
