insert into links (name, value, seq) select * from unnest($1::text[], $2::text[], $3::bigint[]) on conflict do nothing
