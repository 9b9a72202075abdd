using System.Net;
using Npgsql;

namespace EventLedger.Api.Host;

/// <summary>The way from a host to its database: on one machine, or under TLS with a certificate that is checked. Source: ITU-T Y.4561 6.2.1; OWASP ASVS 5.0 V12.3.</summary>
public static class DatabaseHop
{
    /// <summary>
    /// Throws <see cref="InvalidOperationException"/> when records would cross a network that others may be on: PostgreSQL's own default tries TLS, goes on
    /// without it, and looks at no certificate.
    /// </summary>
    public static void Check(LedgerOptions options)
    {
        var database = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        var isChecked = database.SslMode is SslMode.VerifyFull or SslMode.VerifyCA;
        if (!isChecked && !options.DatabaseNetworkIsPrivate && (database.Host ?? "").Split(',').FirstOrDefault(host => !IsHere(host)) is { } away)
        {
            throw new InvalidOperationException($"ConnectionStrings:Ledger leads to '{away}' over the network without checked TLS. "
                + "Add 'SSL Mode=VerifyFull;Root Certificate=FILE', or set Ledger:DatabaseNetworkIsPrivate=true where nobody else is on that network.");
        }
    }

    // A path is a socket of this machine's file system, @ one without a file.
    private static bool IsHere(string host) => host is ['/' or '@', ..]
        || (IPAddress.TryParse(host, out var address) ? IPAddress.IsLoopback(address) : Uri.TryCreate($"tcp://{host}", UriKind.Absolute, out var uri) && uri.IsLoopback);
}
