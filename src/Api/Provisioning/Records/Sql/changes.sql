select seq, change, reason, time from view_provisioning.changes where stream = $1 order by seq
