-- What left the ledger and stands on it: reads of protected fields, and records that were shared, reused, circulated or exchanged.
select date_bin($3, greatest(minute, $1), $1), type, sum(entries)::bigint from view_monitoring.operations
where minute > $1 - interval '1 minute' and minute < $2 and type in ('data_accessed', 'data_reused', 'data_shared', 'data_circulated', 'data_exchanged')
group by 1, 2 order by 1, 2
