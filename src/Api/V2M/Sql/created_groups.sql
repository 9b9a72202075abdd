select iss, format, sum(created)::bigint, sum(updated)::bigint from view_monitoring.minutes
where minute > $1 - interval '1 minute' and minute < $2 and ($3::text is null or iss = $3) and ($4::text is null or format = $4)
group by iss, format order by 3 desc, iss, format limit 1000
