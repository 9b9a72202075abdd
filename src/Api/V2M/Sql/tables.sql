-- What supervisors ask about creation, change and time. All of it can be made again from the entries.
create table times (
    seq             bigint       not null primary key,
    stream          text         not null,
    version         bigint       not null,
    iss             text         not null,
    format          text         not null,
    kid             text         not null,
    captured        timestamptz  null,
    issued          timestamptz  not null,
    received        timestamptz  not null);
create index times_received on times (received);
create index times_iss on times (iss, seq);

-- Counts by minute, so that a long period costs no more than its minutes. A record whose stream existed before is an update.
create table minutes (
    iss             text         not null,
    format          text         not null,
    minute          timestamptz  not null,
    created         bigint       not null,
    updated         bigint       not null,
    primary key (iss, format, minute));
create index minutes_minute on minutes (minute);

create table operations (
    type            text         not null,
    actor           text         not null,
    minute          timestamptz  not null,
    entries         bigint       not null,
    last_seq        bigint       not null,
    primary key (type, actor, minute));
create index operations_minute on operations (minute);

-- What supervisors did and what hosts called them for. They are few, and what stands is read from them each time.
create table acts (
    seq             bigint       not null primary key,
    type            text         not null,
    stream          text         not null,
    id              text         null,
    actor           text         not null,
    time            timestamptz  not null,
    data            jsonb        not null);
create index acts_id on acts (id, type);
create index acts_type on acts (type, seq);

-- Reads of protected fields; who and why stand in their sidecars.
create table accesses (
    seq             bigint       not null primary key,
    stream          text         not null,
    time            timestamptz  not null);
create index accesses_stream on accesses (stream, seq);
