-- Marten 9's event tables for string identity, column for column: a Marten application can read and project these streams,
-- and its schema check finds nothing to change. Whatever else the ledger needs stands in tables of its own.
create table if not exists mt_streams (
    id             varchar      not null,
    type           varchar      null,
    version        bigint       null,
    timestamp      timestamptz  not null default (now()),
    created        timestamptz  not null default (now()),
    tenant_id      varchar      null default '*DEFAULT*',
    is_archived    bool         null default false,
    constraint pkey_mt_streams_id primary key (id));

create table if not exists mt_events (
    seq_id         bigint       not null,
    id             uuid         not null,
    stream_id      varchar      null,
    version        bigint       not null,
    data           jsonb        not null,
    bdata          bytea        null,
    type           varchar(500) not null,
    timestamp      timestamptz  not null default (now()),
    tenant_id      varchar      null default '*DEFAULT*',
    mt_dotnet_type varchar      null,
    is_archived    bool         null default false,
    constraint pkey_mt_events_seq_id primary key (seq_id),
    constraint fkey_mt_events_stream_id foreign key (stream_id) references mt_streams (id) on delete cascade);

create unique index if not exists pk_mt_events_stream_and_version on mt_events using btree (stream_id, version);

create sequence if not exists mt_events_sequence;
alter sequence mt_events_sequence owned by mt_events.seq_id;

create table if not exists mt_event_progression (
    name           varchar      not null,
    last_seq_id    bigint       null,
    last_updated   timestamptz  null default (transaction_timestamp()),
    constraint pk_mt_event_progression primary key (name));
