-- Writes one group of appends, whole or not at all, in one round trip. Nothing is written when the log does not end at p_expected
-- (head_seq tells where), when a stream stands elsewhere, or when a key is held; the caller drops the named ones and asks again.
-- The plan settings hold the index plans while the tables grow from nothing faster than statistics do; their prices would set off the JIT.
create or replace function ledger_append(
    p_expected bigint, p_time timestamptz,
    p_ids uuid[], p_streams varchar[], p_versions bigint[], p_types varchar[], p_times timestamptz[], p_datas jsonb[], p_actors text[], p_leaves bytea[],
    p_stream_ids varchar[], p_stream_from bigint[], p_stream_to bigint[], p_stream_created timestamptz[], p_stream_times timestamptz[],
    p_sidecar_seqs bigint[], p_sidecars bytea[],
    p_unique_kinds smallint[], p_unique_keys bytea[], p_unique_seqs bigint[],
    out written boolean, out head_seq bigint, out head_time timestamptz,
    out stream_nos bigint[], out stream_versions bigint[], out unique_nos bigint[], out unique_holders bigint[])
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
begin
    written := false;
    select h.seq, h.time into head_seq, head_time from ledger_head h for update;
    if head_seq <> p_expected then
        return;
    end if;

    select array_agg(s.no), array_agg(s.actual) into stream_nos, stream_versions from (
        select n.no, n.expected, coalesce((select t.version from mt_streams t where t.id = n.id), 0) as actual
        from unnest(p_stream_ids, p_stream_from) with ordinality n(id, expected, no)) s
    where s.actual <> s.expected;

    if cardinality(p_unique_keys) > 0 then
        select array_agg(n.no), array_agg(u.seq) into unique_nos, unique_holders
        from unnest(p_unique_kinds, p_unique_keys) with ordinality n(kind, key, no) join ledger_uniques u on u.kind = n.kind and u.key = n.key;
    end if;

    if stream_nos is not null or unique_nos is not null then
        return;
    end if;

    insert into mt_streams (id, version, timestamp, created)
    select * from unnest(p_stream_ids, p_stream_to, p_stream_times, p_stream_created)
    on conflict (id) do update set version = excluded.version, timestamp = excluded.timestamp;

    insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp)
    select p_expected + n.no, n.id, n.stream, n.version, n.data, n.type, n.time
    from unnest(p_ids, p_streams, p_versions, p_datas, p_types, p_times) with ordinality n(id, stream, version, data, type, time, no);

    insert into ledger_entries (seq, actor, leaf)
    select p_expected + n.no, n.actor, n.leaf from unnest(p_actors, p_leaves) with ordinality n(actor, leaf, no);

    if cardinality(p_sidecars) > 0 then
        insert into ledger_sidecars (seq, bytes) select * from unnest(p_sidecar_seqs, p_sidecars);
    end if;
    if cardinality(p_unique_keys) > 0 then
        insert into ledger_uniques (kind, key, seq) select * from unnest(p_unique_kinds, p_unique_keys, p_unique_seqs);
    end if;

    head_seq := p_expected + cardinality(p_ids);
    head_time := p_time;
    update ledger_head set seq = head_seq, time = head_time;
    perform setval('mt_events_sequence', head_seq);
    perform pg_notify('ledger_appended', head_seq::text);
    written := true;
end $$;
