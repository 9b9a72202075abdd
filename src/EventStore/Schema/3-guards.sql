-- A slip of the hand must not change history: these tables only grow. Who means it sets ledger.guard to off, and an audit finds it.
create or replace function ledger_guard() returns trigger language plpgsql as $$
begin
    if current_setting('ledger.guard', true) = 'off' then
        return null;
    end if;
    raise exception '% is append-only', tg_table_name using errcode = 'raise_exception';
end $$;

do $$
declare t text;
begin
    foreach t in array array['mt_events', 'ledger_entries', 'ledger_sidecars', 'ledger_blocks', 'ledger_rejections', 'ledger_nodes'] loop
        if not exists (select from pg_trigger where tgname = 'ledger_guard' and tgrelid = t::regclass) then
            execute format('create trigger ledger_guard before update or delete or truncate on %I for each statement execute function ledger_guard()', t);
        end if;
    end loop;
    if not exists (select from pg_trigger where tgname = 'ledger_guard' and tgrelid = 'mt_streams'::regclass) then
        create trigger ledger_guard before delete or truncate on mt_streams for each statement execute function ledger_guard();
    end if;
end $$;
