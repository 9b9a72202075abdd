select seq, time from view_monitoring.accesses where time >= $1 and time < $2 and ($3::text is null or stream = $3) and seq < $4 order by seq desc limit $5
