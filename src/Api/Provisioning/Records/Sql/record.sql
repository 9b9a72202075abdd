select * from u2s_rows where seq = $1
