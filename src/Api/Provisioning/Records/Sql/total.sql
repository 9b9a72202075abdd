-- All that there are, less those outside the range and those that were rejected, of which there are few. A source in quarantine is not counted.
with hidden as (select iss from view_provisioning.sources where quarantined)
select (select coalesce(sum(records), 0)::bigint from view_provisioning.counts
        where ($3::text is null or format = $3) and ($4::text is null or iss = $4) and iss not in (select iss from hidden))
    - (select count(*) from view_provisioning.records
        where seq > $2 and ($3::text is null or format = $3) and ($4::text is null or iss = $4) and iss not in (select iss from hidden))
    - (select count(*) from view_provisioning.records r join ledger_rejections x on x.seq = r.seq
        where r.seq <= $2 and ($3::text is null or format = $3) and ($4::text is null or iss = $4) and iss not in (select iss from hidden))
    - case when $1 = 0 then 0 else
        (select count(*) from view_provisioning.shown where seq <= $1 and ($3::text is null or format = $3) and ($4::text is null or iss = $4)) end
