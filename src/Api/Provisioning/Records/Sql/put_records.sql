with put as (
    insert into records (seq, stream, version, iss, format, format_version, lifecycle, jti, kid, number, title, claims, metadata, exp, status_idx, status_uri, time, leaf)
    select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::boolean[], $8::text[], $9::text[], $10::text[],
        $11::text[], $12::jsonb[], $13::jsonb[], $14::bigint[], $15::bigint[], $16::text[], $17::timestamptz[], $18::bytea[])
    on conflict (seq) do nothing
    returning format, iss)
insert into counts as c (format, iss, records)
select format, iss, count(*) from put group by format, iss
on conflict (format, iss) do update set records = c.records + excluded.records
