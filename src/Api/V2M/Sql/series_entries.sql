select date_bin($3, greatest(minute, $1), $1), type, sum(entries)::bigint from view_monitoring.operations
where minute > $1 - interval '1 minute' and minute < $2 group by 1, 2 order by 1, 2
