-- Changes of status of all streams that have this number.
select stream, seq, change, reason, time from view_provisioning.changes
where stream in (select stream from view_provisioning.records where number = $1 and lifecycle) order by seq
