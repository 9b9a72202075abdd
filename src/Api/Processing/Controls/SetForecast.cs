using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Processing.Controls;

/// <summary>What a validator set would be worth with whoever answers now: whether a quorum of it is online.</summary>
/// <param name="Set">The set as it would be.</param>
/// <param name="Seats">Its members.</param>
public sealed record SetForecast(ValidatorSet Set, IReadOnlyList<SetForecast.Seat> Seats)
{
    /// <summary>One member of the set.</summary>
    /// <param name="Name">What people call it.</param>
    /// <param name="Kid">Its consensus key.</param>
    /// <param name="Power">Its voting power.</param>
    /// <param name="Problem">Why it could not vote now; null when it could.</param>
    public sealed record Seat(string Name, string Kid, long Power, string? Problem);

    /// <summary>Voting power that could vote now.</summary>
    public long Online => Seats.Where(s => s.Problem is null).Sum(s => s.Power);

    /// <summary>Whether sealing would stop.</summary>
    public bool Halts => !Set.IsQuorum(Online);

    /// <summary>The arithmetic in one line.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture,
        $"after this {Online} of {Set.Power} online, {Set.Quorum} needed: {(Halts ? "would halt" : "goes on")}");

    /// <summary>The forecast as JSON: <c>{halts, text, online, power, needed, tolerates, hash, seats[]}</c>.</summary>
    public JsonObject ToJson() => new()
    {
        ["halts"] = Halts, ["text"] = Text, ["online"] = Online, ["power"] = Set.Power, ["needed"] = Set.Quorum, ["tolerates"] = Set.Tolerates, ["hash"] = Set.Hash.ToString(),
        ["seats"] = new JsonArray([.. Seats.Select(s => new JsonObject
        {
            ["name"] = s.Name, ["kid"] = s.Kid, ["power"] = s.Power, ["online"] = s.Problem is null, ["problem"] = s.Problem,
        })]),
    };
}
