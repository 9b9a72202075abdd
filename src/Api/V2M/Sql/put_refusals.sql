insert into monitor.refusals as r (iss, code, minute, count)
select iss, code, date_trunc('minute', $4::timestamptz, 'UTC'), count from unnest($1::text[], $2::text[], $3::bigint[]) n(iss, code, count)
on conflict (iss, code, minute) do update set count = r.count + excluded.count
