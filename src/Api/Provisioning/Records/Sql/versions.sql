select * from view_provisioning.shown where stream = $1 order by seq
