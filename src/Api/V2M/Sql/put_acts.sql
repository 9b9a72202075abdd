insert into acts (seq, type, stream, id, actor, time, data)
select seq, type, stream, data ->> 'id', actor, time, data - 'authorization'
from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::jsonb[]) n(seq, type, stream, actor, time, data)
on conflict (seq) do nothing
