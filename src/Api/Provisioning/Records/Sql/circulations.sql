select c.seq, c.verb, c.record, c.actor, c.recipient, c.purpose, c.checksum, c.time from view_provisioning.circulations c
where ($1::text is null or c.verb = $1) and ($2::bigint is null or c.record = $2) and c.seq > $3 and not exists (select from ledger_rejections x where x.seq = c.seq)
order by c.seq limit $4
