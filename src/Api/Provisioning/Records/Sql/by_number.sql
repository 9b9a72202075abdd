-- The newest record of each stream with this number, as of a size.
select distinct on (stream) * from view_provisioning.shown where number = $1 and seq <= $2 order by stream, seq desc limit 50
