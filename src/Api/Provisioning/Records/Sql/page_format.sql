select * from view_provisioning.shown where seq > $1 and seq <= $2 and format = $4 order by seq limit $3
