-- All that there are, less those outside the range, of which there are few: what waits for its seal, or nothing.
select (select coalesce(sum(records), 0)::bigint from u2s_counts where ($3::text is null or format = $3) and ($4::text is null or iss = $4))
    - (select count(*) from u2s_records where seq > $2 and ($3::text is null or format = $3) and ($4::text is null or iss = $4))
    - case when $1 = 0 then 0 else
        (select count(*) from u2s_records where seq <= $1 and ($3::text is null or format = $3) and ($4::text is null or iss = $4)) end
