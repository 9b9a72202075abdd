-- Stores the next block and frees what its rejected entries claimed. The caller has checked that it follows; the keys hold it if two race.
create or replace function ledger_store_block(
    p_height bigint, p_first bigint, p_size bigint, p_time timestamptz, p_header bytea, p_commit bytea,
    p_rejected bigint[], p_codes text[], p_node_levels smallint[], p_node_indexes bigint[], p_node_hashes bytea[])
returns void language plpgsql as $$
begin
    insert into ledger_blocks (height, first, size, time, header, commit) values (p_height, p_first, p_size, p_time, p_header, p_commit);
    insert into ledger_nodes (level, index, hash)
    select * from unnest(p_node_levels, p_node_indexes, p_node_hashes) on conflict do nothing;
    if cardinality(p_rejected) > 0 then
        insert into ledger_rejections (seq, code, height) select n.seq, n.code, p_height from unnest(p_rejected, p_codes) n(seq, code);
        delete from ledger_uniques where seq = any (p_rejected);
    end if;
    perform pg_notify('ledger_sealed', p_height::text);
end $$;
