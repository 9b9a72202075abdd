select * from view_provisioning.shown where leaf = $1
