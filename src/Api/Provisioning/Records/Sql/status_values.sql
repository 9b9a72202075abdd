-- The places of one status list that are not valid as of a size: 1 revoked or superseded, 2 suspended.
-- A revocation ends the records that stand then; one that is issued later is another.
with latest as (
    select distinct on (stream) stream, change from view_provisioning.changes where seq <= $2 order by stream, seq desc)
select status_idx, max(value) filter (where value = 1) is not null from (
    select r.status_idx, 2 as value
    from latest l join view_provisioning.records r on r.stream = l.stream
    where l.change = 'suspended' and r.status_uri = $1 and r.seq <= $2
    union all
    select r.status_idx, 1 from view_provisioning.changes c join view_provisioning.records r on r.stream = c.stream and r.seq < c.seq
    where c.change = 'revoked' and c.seq <= $2 and r.status_uri = $1
    union all
    select r.status_idx, 1 from view_provisioning.records n join view_provisioning.records r on r.stream = n.stream and r.seq < n.seq
    where n.lifecycle and n.version > 1 and n.seq <= $2 and r.status_uri = $1) v
group by status_idx order by status_idx
