select * from u2s_rows where seq between $1 and $2 order by seq limit $3
