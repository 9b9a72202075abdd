-- Answers that were given once, for those who ask the same again with the same Idempotency-Key.
create table if not exists host.idempotency (
    key         text not null,
    caller      bytea not null,
    fingerprint bytea not null,
    begun       timestamptz not null,
    status      integer,
    headers     jsonb,
    body        bytea,
    primary key (key, caller)
);
create index if not exists idempotency_begun on host.idempotency (begun);
