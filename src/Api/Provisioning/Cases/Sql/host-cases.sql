-- What data users ask beyond queries, and the answers. Who asked and in what words is personal, so it stands here; the ledger holds a digest of each.
create table if not exists host.cases (
    id           text primary key,
    owner        text not null,
    kind         text not null,
    opened       timestamptz not null,
    content      text not null,
    opened_seq   bigint not null,
    answered     timestamptz,
    answer       text,
    answered_seq bigint
);
create index if not exists cases_owner on host.cases (owner, opened);
-- Questions that were kept to be asked again, each version of each.
create table if not exists host.saved_queries (
    id           text not null,
    version      integer not null,
    owner        text not null,
    organisation text,
    shared       boolean not null,
    title        text not null,
    query        text not null,
    saved        timestamptz not null,
    primary key (id, version)
);
create index if not exists saved_queries_owner on host.saved_queries (owner);
