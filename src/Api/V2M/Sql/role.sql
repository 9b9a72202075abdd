-- The role of supervisors' queries: it reads the ledger's tables and its views, and nothing else of the database; it has no right to write anywhere.
-- Roles belong to the whole server, so another database's host may be making it at this moment.
do $$
declare
    s text;
    t text;
begin
    if not exists (select from pg_roles where rolname = 'ledger_monitor') then
        begin
            create role ledger_monitor nologin;
        exception when duplicate_object or unique_violation then null;
        end;
    end if;
    if not pg_has_role(current_user, 'ledger_monitor', 'member') then
        begin
            execute format('grant ledger_monitor to %I', current_user);
        exception when internal_error then null;
        end;
    end if;
    -- As projections do that replace their schema (catalog.sql).
    perform pg_advisory_xact_lock(456104);
    grant usage on schema public to ledger_monitor;
    for t in select tablename from pg_tables where schemaname = 'public' and (tablename like 'mt\_%' or tablename like 'ledger\_%') loop
        execute format('grant select on %I to ledger_monitor', t);
    end loop;
    for s in select nspname from pg_namespace where nspname like 'view\_%' or nspname = 'monitor' loop
        execute format('grant usage on schema %I to ledger_monitor', s);
        execute format('grant select on all tables in schema %I to ledger_monitor', s);
    end loop;
end $$;
