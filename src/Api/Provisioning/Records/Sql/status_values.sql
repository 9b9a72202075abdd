-- The places of one status list that are not valid as of a size: 1 revoked or superseded, 2 suspended.
with latest as (
    select distinct on (stream) stream, change from view_provisioning.changes where seq <= $2 order by stream, seq desc)
select status_idx, max(value) filter (where value = 1) is not null from (
    select r.status_idx, case l.change when 'revoked' then 1 else 2 end as value
    from latest l join view_provisioning.records r on r.stream = l.stream
    where l.change <> 'valid' and r.status_uri = $1 and r.seq <= $2
    union all
    select r.status_idx, 1 from view_provisioning.records n join view_provisioning.records r on r.stream = n.stream and r.seq < n.seq
    where n.lifecycle and n.version > 1 and n.seq <= $2 and r.status_uri = $1) v
group by status_idx order by status_idx
