with put as (
    insert into times (seq, stream, version, iss, format, kid, captured, issued, received)
    select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[])
    returning iss, format, version, received)
insert into minutes as m (iss, format, minute, created, updated)
select iss, format, date_trunc('minute', received, 'UTC'), count(*) filter (where version = 1), count(*) filter (where version > 1)
from put group by 1, 2, 3
on conflict (iss, format, minute) do update set created = m.created + excluded.created, updated = m.updated + excluded.updated
