using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Tests.Support;

/// <summary>An authenticator in software: what a phone or a stick sends, and whatever one would never send.</summary>
public sealed class SoftPasskey(string rpId = "localhost", string origin = TestLedger.Origin)
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] id = RandomNumberGenerator.GetBytes(16);
    private string user = "";
    private uint count;

    public Jwk Public => Jwk.From(key.ExportParameters(false));

    /// <summary>User present, user verified.</summary>
    public byte Flags { get; set; } = 0x05;

    /// <summary>Answers <c>navigator.credentials.create</c>.</summary>
    public JsonObject Create(JsonElement options)
    {
        user = options.GetProperty("user").GetProperty("id").GetString()!;
        var p = key.ExportParameters(false);
        byte[] cose = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. p.Q.X!, 0x22, 0x58, 0x20, .. p.Q.Y!];
        byte[] data = [.. Authenticator((byte)(Flags | 0x40)), .. new byte[16], 0, (byte)id.Length, .. id, .. cose];
        byte[] attestation = [0xa3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xa0, 0x68, .. "authData"u8, 0x58, (byte)data.Length, .. data];
        return Credential(new()
        {
            ["clientDataJSON"] = B64.Encode(Client("webauthn.create", options.GetProperty("challenge").GetString()!)),
            ["attestationObject"] = B64.Encode(attestation),
            ["transports"] = new JsonArray("internal"),
        });
    }

    /// <summary>Answers <c>navigator.credentials.get</c>.</summary>
    public JsonObject Get(JsonElement options)
    {
        var (data, client, signature) = Assert(options.GetProperty("challenge").GetString()!);
        return Credential(new()
        {
            ["clientDataJSON"] = B64.Encode(client), ["authenticatorData"] = B64.Encode(data), ["signature"] = B64.Encode(signature), ["userHandle"] = user,
        });
    }

    /// <summary>Signs a control as the portal has it signed.</summary>
    public JsonObject Sign(Digest subject)
    {
        var (data, client, signature) = Assert(B64.Encode(subject.ToArray()));
        return new() { ["kid"] = Public.Kid, ["authenticatorData"] = B64.Encode(data), ["clientDataJSON"] = B64.Encode(client), ["signature"] = B64.Encode(signature) };
    }

    private (byte[] Data, byte[] Client, byte[] Signature) Assert(string challenge)
    {
        count++;
        var (data, client) = (Authenticator(Flags), Client("webauthn.get", challenge));
        return (data, client, key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    private byte[] Authenticator(byte flags)
    {
        var counter = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(counter, count);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(rpId)), flags, .. counter];
    }

    private byte[] Client(string type, string challenge) =>
        Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","challenge":"{{challenge}}","origin":"{{origin}}","crossOrigin":false}""");

    private JsonObject Credential(JsonObject response) => new()
    {
        ["credential"] = new JsonObject
        {
            ["id"] = B64.Encode(id), ["rawId"] = B64.Encode(id), ["type"] = "public-key", ["clientExtensionResults"] = new JsonObject(), ["response"] = response,
        },
    };
}
