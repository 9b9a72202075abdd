insert into monitor.audits as a (id, state, next, checked, total, failed, failures, report, digest) values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9)
on conflict (id) do update set state = $2, next = $3, checked = $4, total = $5, failed = $6, failures = $7::jsonb, report = $8::jsonb, digest = $9
