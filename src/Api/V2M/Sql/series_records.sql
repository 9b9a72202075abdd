-- Records of each source, first ones and updates, by the minute in which they were taken in.
select date_bin($3, greatest(minute, $1), $1), iss, sum(created + updated)::bigint from view_monitoring.minutes
where minute > $1 - interval '1 minute' and minute < $2 group by 1, 2 order by 1, 2
