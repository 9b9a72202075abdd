select * from view_provisioning.shown
where seq > $1 and seq <= $2 and ($3::text is null or format = $3) and ($4::text is null or iss = $4)
order by seq limit $5
