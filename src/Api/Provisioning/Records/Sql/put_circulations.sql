insert into circulations (seq, verb, record, actor, recipient, purpose, checksum, time)
select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[]) on conflict (seq) do nothing
