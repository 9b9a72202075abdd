with gone as (delete from ledger_projections where name = $1) delete from mt_event_progression where name = $1
