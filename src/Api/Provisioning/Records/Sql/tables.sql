-- What data users ask for. All of it can be made again from the entries; nothing here says whether an entry is sealed.
create table if not exists u2s_sources (
    iss             text         not null primary key,
    name            text         not null,
    state           text         not null,
    seq             bigint       not null);

create table if not exists u2s_keys (
    kid             text         not null primary key,
    iss             text         not null,
    jwk             jsonb        not null,
    purpose         text         not null,
    seq             bigint       not null,
    revoked_seq     bigint       null);

create table if not exists u2s_formats (
    vct             text         not null primary key,
    definition      jsonb        not null,
    seq             bigint       not null,
    retired_seq     bigint       null);

create table if not exists u2s_records (
    seq             bigint       not null primary key,
    stream          text         not null,
    version         bigint       not null,
    iss             text         not null,
    format          text         not null,
    format_version  bigint       not null,
    lifecycle       boolean      not null,
    jti             text         not null,
    kid             text         not null,
    number          text         not null,
    title           text         not null,
    claims          jsonb        not null,
    exp             bigint       null,
    status_idx      bigint       null,
    status_uri      text         null,
    time            timestamptz  not null,
    leaf            bytea        not null);
create index if not exists u2s_records_stream on u2s_records (stream, seq);
create index if not exists u2s_records_number on u2s_records (number, seq);
create index if not exists u2s_records_format on u2s_records (format, iss, seq);
create index if not exists u2s_records_leaf on u2s_records (leaf);
create index if not exists u2s_records_later on u2s_records (stream, seq) where lifecycle and version > 1;

-- A licence is the newest record of its stream; its number is the value of the first key field.
create or replace view u2s_licences as select * from u2s_records where lifecycle;

-- Which records of formats without a life cycle name a licence: field, value, record.
create table if not exists u2s_links (
    name            text         not null,
    value           text         not null,
    seq             bigint       not null,
    primary key (name, value, seq));

create table if not exists u2s_changes (
    seq             bigint       not null primary key,
    stream          text         not null,
    change          text         not null,
    reason          text         null,
    time            timestamptz  not null);
create index if not exists u2s_changes_stream on u2s_changes (stream, seq);

-- So that an exact total costs the same for ten records and for ten million.
create table if not exists u2s_counts (
    format          text         not null,
    iss             text         not null,
    records         bigint       not null,
    primary key (format, iss));

create or replace view u2s_rows as
select r.seq, r.stream, r.version, r.iss, coalesce(s.name, r.iss) as source, r.format, r.format_version, r.lifecycle, r.jti, r.kid, r.number, r.title, r.claims,
    r.exp, r.time, r.leaf
from u2s_records r left join u2s_sources s on s.iss = r.iss;
