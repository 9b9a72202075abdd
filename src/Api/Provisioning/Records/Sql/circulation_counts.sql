select c.verb, count(*) from view_provisioning.circulations c
where ($1::bigint is null or c.record = $1) and not exists (select from ledger_rejections x where x.seq = c.seq) group by c.verb order by c.verb
