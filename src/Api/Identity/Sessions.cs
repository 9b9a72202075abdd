using System.Security.Cryptography;
using System.Text;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Identity;

/// <summary>How a person showed who they are.</summary>
public static class Strength
{
    /// <summary>By a key that the ledger binds to the person: a CLI key or a passkey.</summary>
    public const string Key = "key";

    /// <summary>By a one-time code or a passkey that the ledger binds to nobody yet: enough to look after one's own account.</summary>
    public const string Unbound = "unbound";

    /// <summary>By password and a one-time code: enough to read and to draft.</summary>
    public const string Password = "password";
}

/// <summary>One sign-in of a person.</summary>
/// <param name="Id">Names it; cannot be used in place of it.</param>
/// <param name="Pseudonym">Whose it is.</param>
/// <param name="Strength">See <see cref="Identity.Strength"/>.</param>
/// <param name="Started">When the person signed in.</param>
/// <param name="Seen">When it was last used; a minute may be missing.</param>
/// <param name="Until">When it ends at the latest.</param>
/// <param name="Agent">What program it was, as that program says.</param>
public sealed record SignedIn(string Id, string Pseudonym, string Strength, LedgerTime Started, LedgerTime Seen, LedgerTime Until, string Agent);

/// <summary>
/// People's sign-ins: at most five a person, eight hours each, and over after thirty minutes without use. What the person's program holds is a secret of
/// 256 bits; the table has its digest. Source: OWASP ASVS 5.0 V7.
/// </summary>
public sealed class Sessions(IdentityTables tables, TimeProvider clock)
{
    /// <summary>Sign-ins that one person may have at a time; a further one ends the oldest.</summary>
    public const int Max = 5;

    /// <summary>Longest life: 8 hours.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(8);

    /// <summary>Life without use: 30 minutes.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);

    private const int AgentLengthMax = 100;
    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);

    /// <summary>Begins one; the secret is shown this once.</summary>
    public async Task<(string Secret, SignedIn Session)> Begin(string pseudonym, string strength, string? agent, CancellationToken cancellation)
    {
        var (secret, now) = (B64.Encode(RandomNumberGenerator.GetBytes(32)), clock.GetUtcNow());
        var name = agent is { Length: > AgentLengthMax } ? agent[..AgentLengthMax] : agent ?? "";
        var (id, until) = (IdOf(secret), now + Life);
        await tables.Run("put_session", cancellation, id, pseudonym, strength, now, until, name);
        await tables.Run("trim_sessions", cancellation, pseudonym, Max);
        return (secret, new(id, pseudonym, strength, LedgerTime.From(now), LedgerTime.From(now), LedgerTime.From(until), name));
    }

    /// <summary>The sign-in behind a secret; null when it has ended.</summary>
    public Task<SignedIn?> BySecret(string secret, CancellationToken cancellation) => ById(IdOf(secret), cancellation);

    /// <summary>The same by id, for tokens that stand on it. Being asked for counts as use.</summary>
    public async Task<SignedIn?> ById(string id, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (await tables.Read("session", Row, cancellation, id, now, now - Idle) is not [var session])
        {
            return null;
        }
        if (now - session.Seen.Moment > TouchEvery)
        {
            await tables.Run("touch_session", cancellation, id, now);
        }
        return session;
    }

    /// <summary>A person's open sign-ins, newest first.</summary>
    public Task<IReadOnlyList<SignedIn>> Of(string pseudonym, CancellationToken cancellation) =>
        tables.Read("sessions_of", Row, cancellation, pseudonym, clock.GetUtcNow(), clock.GetUtcNow() - Idle);

    /// <summary>Ends one of a person's sign-ins, with every token that stands on it; false when the person has none of this id.</summary>
    public async Task<bool> End(string id, string pseudonym, CancellationToken cancellation) =>
        (await tables.Read("end_session", _ => 1, cancellation, id, pseudonym)).Count == 1;

    /// <summary>Ends all of a person's sign-ins but one.</summary>
    public Task EndOthers(string pseudonym, string kept, CancellationToken cancellation) => tables.Run("end_others", cancellation, pseudonym, kept);

    private static string IdOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)).AsSpan(0, 16));

    private static SignedIn Row(Npgsql.NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), Time(row, 3), Time(row, 4), Time(row, 5), row.GetString(6));

    private static LedgerTime Time(Npgsql.NpgsqlDataReader row, int column) => LedgerTime.From(row.GetFieldValue<DateTimeOffset>(column));
}
