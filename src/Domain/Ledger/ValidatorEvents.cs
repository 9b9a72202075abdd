using System.Text.Json;

namespace EventLedger.Domain.Ledger;

/// <summary>What each event about validators does to the <see cref="ValidatorRoll"/>, or why it cannot. The authorization itself is checked before.</summary>
internal static class ValidatorEvents
{
    /// <summary>A body brings its keys: it may sync and verify from now on. For one with a seat they are the keys of its next rotation.</summary>
    public static string? Invited(Entry e, JsonElement data, string chain, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "request") || !ValidatorRequest.TryParse(m["request"], out var request, out _))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.ValidatorStream)
        {
            return RejectionCode.StreamWrong;
        }
        if (request.Problem(chain, e.Time) is { } problem)
        {
            return problem;
        }
        var (roll, asked) = (r.Roll, request.Validator);
        var others = roll.Known.Values.Where(i => i.IsEligible && i.Validator.Name != asked.Name).ToList();
        if (others.Exists(i => i.Validator.Address == asked.Address))
        {
            return RejectionCode.ValidatorKnown;
        }
        if (others.Count(i => i.State == SeatState.Invited) >= ValidatorSet.MembersMax)
        {
            return RejectionCode.ValidatorLimit;
        }
        var seat = roll.In(SeatState.Seated).FirstOrDefault(i => i.Validator.Name == asked.Name)?.Validator.Member;
        foreach (var (purpose, key) in ValidatorRoll.KeysOf(asked.Member))
        {
            // A rotation may keep keys of the seat, but always brings a new consensus key, by which it is named.
            if (r.IsTaken(key.Kid) && !(seat is not null && seat.Keys.TryGetValue(purpose, out var kept) && kept.Kid == key.Kid))
            {
                return RejectionCode.KeyKnown;
            }
        }
        // Of one body only the newest invitation counts.
        var known = roll.Known.SetItems(roll.Known.Where(i => i.Value.State == SeatState.Invited && i.Value.Validator.Name == asked.Name)
            .Select(i => KeyValuePair.Create(i.Key, i.Value with { State = SeatState.Gone })));
        r = r with
        {
            Roll = roll with
            {
                Known = known.Add(asked.Member.Kid, new(asked, SeatState.Invited)),
                Taken = roll.Taken.Union(ValidatorRoll.KeysOf(asked.Member).Select(k => k.Value.Kid)),
            },
        };
        return null;
    }

    /// <summary>An invitation is taken back, or replaced keys are let go: their transport key gets in no more.</summary>
    public static string? Withdrawn(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "kid", "reason") || !m.TryText("kid", out var kid) || !m.TryText("reason", out _))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.ValidatorStream)
        {
            return RejectionCode.StreamWrong;
        }
        if (!r.Roll.Known.TryGetValue(kid, out var known) || known.State is not (SeatState.Invited or SeatState.Replaced))
        {
            return RejectionCode.ValidatorUnknown;
        }
        r = r with { Roll = r.Roll with { Known = r.Roll.Known.SetItem(kid, known with { State = SeatState.Gone }) } };
        return null;
    }

    /// <summary>The set as it is to be, whole: so the order of changes says nothing, and who signs sees what results.</summary>
    public static string? Changed(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "members", "reason") || !m.TryText("reason", out _)
            || m["members"].ValueKind != JsonValueKind.Array)
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.ValidatorStream)
        {
            return RejectionCode.StreamWrong;
        }
        var problem = r.Roll.Problem(m["members"], out var next);
        r = next is null ? r : r with { Roll = next };
        return problem;
    }
}
