using System.Net.Sockets;
using Npgsql;

namespace EventLedger.EventStore.Postgres;

/// <summary>Which failures mean that the database cannot be reached, and which that it said no.</summary>
internal static class Connections
{
    /// <summary>
    /// An error that the server reports for the statement is certain: nothing was written, and asking again gives the same answer.
    /// Everything else is about the connection or the moment, and its outcome is open.
    /// </summary>
    public static bool IsLost(Exception e) => e switch
    {
        PostgresException p => p.InvariantSeverity is "FATAL" or "PANIC"
            || p.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
            || p.SqlState.StartsWith("57", StringComparison.Ordinal) || p.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException or IOException or SocketException or TimeoutException => true,
        _ => false,
    };
}
