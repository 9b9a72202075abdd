-- Who is told what is sealed, and what became of each message. A webhook that is lost is registered again; the ledger itself is not in here.
create table if not exists host.webhooks (
    id           text primary key,
    owner        text not null,
    url          text not null,
    types        text[] not null,
    formats      text[] not null,
    mode         text not null,
    position     bigint not null,
    created      timestamptz not null
);
create index if not exists webhooks_owner on host.webhooks (owner);
create table if not exists host.deliveries (
    webhook      text not null references host.webhooks on delete cascade,
    seq          bigint not null,
    event        text not null,
    queued       timestamptz not null,
    due          timestamptz not null,
    attempts     integer not null default 0,
    delivered    timestamptz,
    given_up     timestamptz,
    status       integer,
    problem      text,
    primary key (webhook, seq)
);
create index if not exists deliveries_due on host.deliveries (due) where delivered is null and given_up is null;
