with moved as (update ledger_projections set name = $2 where name = $1) update mt_event_progression set name = $2 where name = $1
