insert into ledger_projections (name, skipped) values ($1, $2)
on conflict (name) do update set skipped = ledger_projections.skipped + excluded.skipped
