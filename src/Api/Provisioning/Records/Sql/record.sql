select * from view_provisioning.shown where seq = $1
