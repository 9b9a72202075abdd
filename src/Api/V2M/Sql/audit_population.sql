select seq from view_monitoring.times where seq between $1 and $2 and ($3::text is null or iss = $3) and ($4::text is null or format = $4) order by seq
