insert into operations as o (type, actor, minute, entries, last_seq)
select type, actor, date_trunc('minute', time, 'UTC'), count(*), max(seq)
from unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[]) n(type, actor, time, seq) group by 1, 2, 3
on conflict (type, actor, minute) do update set entries = o.entries + excluded.entries, last_seq = excluded.last_seq
