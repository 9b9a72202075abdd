select seq, change, reason, time from u2s_changes where stream = $1 order by seq
