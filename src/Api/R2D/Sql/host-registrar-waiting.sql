-- Drafts that one registrar has signed and a second one is to sign. What the record hides is encrypted under a data key of the draft's own, which is destroyed with it;
-- a draft that is lost is drafted again.
create table if not exists host.registrar_waiting (
    id           text primary key,
    organisation text not null,
    since        timestamptz not null,
    until        timestamptz not null,
    by           text not null,
    draft        text not null,
    hidden       bytea,
    signatures   text not null,
    seq          bigint
);
create index if not exists registrar_waiting_organisation on host.registrar_waiting (organisation, since);
