select code, sum(count)::bigint from monitor.refusals where minute > $1 - interval '1 minute' and minute < $2 and iss = $3 group by code order by 2 desc, code
