select date_bin($5, greatest(minute, $1), $1), sum(created)::bigint, sum(updated)::bigint from view_monitoring.minutes
where minute > $1 - interval '1 minute' and minute < $2 and ($3::text is null or iss = $3) and ($4::text is null or format = $4)
group by 1 order by 1
