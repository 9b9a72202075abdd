-- Records of other formats that name a licence; of each only the newest.
select * from (
    select distinct on (v.stream) v.* from view_provisioning.links l join view_provisioning.shown v on v.seq = l.seq
    where l.value = $1 order by v.stream, v.seq desc) newest
order by iss, seq limit 500
