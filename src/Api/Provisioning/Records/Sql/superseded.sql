-- Of each record all visible versions but the first, which are as many as those that a newer one took the place of; few, and an index has them.
select count(*) from view_provisioning.found n
where n.version > 1 and n.seq <= $1 and n.format = $2 and ($3::text is null or n.iss = $3)
    and exists (select from view_provisioning.found e where e.stream = n.stream and e.seq < n.seq)
