-- Of each stream with this number the newest record as of a size, and the newest of those that wait for their seal; each with its block.
select n.*, b.height, b.time from (
    (select distinct on (stream) * from view_provisioning.licences where number = $1 and seq <= $2 order by stream, seq desc limit 50)
    union all
    (select distinct on (stream) * from view_provisioning.licences where number = $1 and seq > $2 order by stream, seq desc limit 50)) n
left join lateral (select height, time from ledger_blocks where size >= n.seq and n.seq <= $2 order by size, height limit 1) b on true
