insert into accesses (seq, stream, time) select * from unnest($1::bigint[], $2::text[], $3::timestamptz[]) on conflict (seq) do nothing
