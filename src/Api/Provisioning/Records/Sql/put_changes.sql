insert into changes (seq, stream, change, reason, time)
select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[]) on conflict (seq) do nothing
