using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Api.Host;
using EventLedger.Api.Tests.Support;
using EventLedger.Tests.Shared;
using Npgsql;
using Xunit;

namespace EventLedger.Api.Tests.Hops;

public sealed class DatabaseHopTests
{
    [Theory]
    [Y4561("N-6.2.1-a")]
    [InlineData("Host=127.0.0.1;Port=5433", true)]
    [InlineData("Host=localhost", true)]
    [InlineData("Host=::1", true)]
    [InlineData("Host=/var/run/postgresql", true)]
    [InlineData("Host=db.example", false)]
    [InlineData("Host=db.example;SSL Mode=Prefer", false)]
    [InlineData("Host=db.example;SSL Mode=Require", false)]
    [InlineData("Host=10.0.0.7:5432", false)]
    [InlineData("Host=localhost,db.example", false)]
    [InlineData("Host=db.example;SSL Mode=VerifyFull", true)]
    [InlineData("Host=db.example,db2.example;SSL Mode=VerifyCA", true)]
    public void A_database_over_the_network_is_reached_by_checked_TLS_or_not_at_all(string connection, bool isTaken)
    {
        var options = new LedgerOptions { Data = "", ConnectionString = connection };
        if (isTaken)
        {
            DatabaseHop.Check(options);
            return;
        }
        Should.Throw<InvalidOperationException>(() => DatabaseHop.Check(options)).Message.ShouldContain("SSL Mode=VerifyFull");
        DatabaseHop.Check(options with { DatabaseNetworkIsPrivate = true });
    }

    [Fact]
    [Y4561("N-6.2.1-a")]
    public async Task Checked_TLS_speaks_to_the_server_of_the_certificate_and_to_no_other()
    {
        await using var cluster = await PostgresCluster.Create();
        Assert.SkipUnless(cluster.IsPrivate, "A server that is not the test's own gets no certificate.");
        var plain = new NpgsqlConnectionStringBuilder(await cluster.CreateDatabase()) { Pooling = false };
        using var certificates = new Certificates();
        string Checked(string root) => new NpgsqlConnectionStringBuilder(plain.ConnectionString) { SslMode = SslMode.VerifyFull, RootCertificate = root }.ConnectionString;

        // The server has no certificate yet: no TLS, no connection.
        await Should.ThrowAsync<NpgsqlException>(() => Protocol(Checked(certificates.Own)));

        await Database.Run(plain.ConnectionString, $"alter system set ssl_cert_file = '{certificates.Own}'");
        await Database.Run(plain.ConnectionString, $"alter system set ssl_key_file = '{certificates.Key}'");
        await Database.Run(plain.ConnectionString, "alter system set ssl = on");
        cluster.Kill();
        await cluster.Start();

        (await Protocol(Checked(certificates.Own))).ShouldBeOneOf("TLSv1.2", "TLSv1.3");
        await Should.ThrowAsync<NpgsqlException>(() => Protocol(Checked(certificates.Other)));
    }

    private static async Task<string?> Protocol(string connection)
    {
        await using var database = new NpgsqlConnection(connection);
        await database.OpenAsync();
        await using var command = new NpgsqlCommand("select version from pg_stat_ssl where pid = pg_backend_pid()", database);
        return (string?)await command.ExecuteScalarAsync();
    }

    /// <summary>A server's certificate with its key, and one of somebody else, in a folder that the server may read.</summary>
    private sealed class Certificates : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("eventledger-tls-").FullName;

        public Certificates()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Write(key, Own);
            WriteSecret(Key, key.ExportPkcs8PrivateKeyPem());
            using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Write(other, Other);
            if (Environment.IsPrivilegedProcess)
            {
                using var chown = Process.Start("chown", ["-R", "postgres", folder]);
                chown.WaitForExit();
            }
        }

        public string Own => Path.Combine(folder, "server.crt");

        public string Key => Path.Combine(folder, "server.key");

        public string Other => Path.Combine(folder, "other.crt");

        public void Dispose() => Directory.Delete(folder, recursive: true);

        // The server refuses a key that others may read.
        private static void WriteSecret(string path, string text)
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }
            using var file = new StreamWriter(path, options);
            file.Write(text);
        }

        private static void Write(ECDsa key, string path)
        {
            var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(System.Net.IPAddress.Loopback);
            names.AddDnsName("127.0.0.1");
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            File.WriteAllText(path, certificate.ExportCertificatePem());
        }
    }
}
