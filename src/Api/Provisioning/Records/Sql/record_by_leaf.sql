select * from u2s_rows where leaf = $1
