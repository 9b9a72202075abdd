select iss, sum(created + updated)::bigint, sum(updated)::bigint from view_monitoring.minutes
where minute > $1 - interval '1 minute' and minute < $2 and ($3::text is null or iss = $3)
group by iss order by 3 desc, iss limit 1000
