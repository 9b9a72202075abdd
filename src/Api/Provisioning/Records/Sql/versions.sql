select * from u2s_rows where stream = $1 order by seq
