-- What data users ask for. All of it can be made again from the entries; nothing here says whether an entry is sealed.
create table sources (
    iss             text         not null primary key,
    name            text         not null,
    state           text         not null,
    -- Its records are sealed and not served.
    quarantined     boolean      not null default false,
    seq             bigint       not null);

create table keys (
    kid             text         not null primary key,
    iss             text         not null,
    jwk             jsonb        not null,
    purpose         text         not null,
    seq             bigint       not null,
    revoked_seq     bigint       null);

create table formats (
    vct             text         not null primary key,
    definition      jsonb        not null,
    seq             bigint       not null,
    retired_seq     bigint       null);

-- One word that says "this field has this value", exactly; a long one is cut and told apart by its hash. It begins as no word of a text does.
create function field_word(name text, value text) returns text language sql immutable parallel safe
return E'\x01' || case when length(name) + length(value) <= 300 then name || E'\x01' || value else left(name || E'\x01' || value, 300) || E'\x01' || md5(value) end;

create function field_words(claims jsonb) returns tsvector language sql immutable parallel safe
return (select coalesce(array_to_tsvector(array_agg(field_word(e.key, e.value #>> '{}'))), '')
    from jsonb_each(claims) e where jsonb_typeof(e.value) in ('string', 'number', 'boolean'));

-- The same word as a question; with a star it stands for all values that begin so.
create function field_query(name text, value text, prefix boolean) returns tsquery language sql immutable parallel safe
return (E'\'' || replace(replace(case when prefix then E'\x01' || name || E'\x01' || value else field_word(name, value) end, E'\\', E'\\\\'), E'\'', E'\'\'') || E'\''
    || case when prefix then ':*' else '' end)::tsquery;

-- What a person types: words, "phrases", or, -not; the last word may be unfinished.
create function search_query(typed text) returns tsquery language sql immutable parallel safe
return case when websearch_to_tsquery('simple', typed)::text like '%''' then (websearch_to_tsquery('simple', typed)::text || ':*')::tsquery
    else websearch_to_tsquery('simple', typed) end;

create table records (
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
    metadata        jsonb        null,
    exp             bigint       null,
    status_idx      bigint       null,
    status_uri      text         null,
    time            timestamptz  not null,
    leaf            bytea        not null,
    -- What can be asked for in any form: words of title and fields, and each field with its value as one word.
    words           tsvector     not null generated always as (to_tsvector('simple', title)
        || jsonb_to_tsvector('simple', claims, '["string", "numeric"]') || field_words(claims)) stored);
create index records_stream on records (stream, seq);
create index records_number on records (number, seq);
-- Both end with the place, so that the thousandth page of a list costs what the first does.
create index records_format on records (format, seq);
create index records_iss on records (iss, seq);
create index records_leaf on records (leaf);
create index records_later on records (stream, seq) where version > 1;
create index records_words on records using gin (words);

-- Which records of formats without a life cycle name a licence: field, value, record.
create table links (
    name            text         not null,
    value           text         not null,
    seq             bigint       not null,
    primary key (value, name, seq));

create table changes (
    seq             bigint       not null primary key,
    stream          text         not null,
    change          text         not null,
    reason          text         null,
    time            timestamptz  not null);
create index changes_stream on changes (stream, seq);

-- Where records went: reused, shared, circulated or exchanged, and what arrived.
create table circulations (
    seq             bigint       not null primary key,
    verb            text         not null,
    record          bigint       not null,
    actor           text         not null,
    recipient       text         null,
    purpose         text         null,
    checksum        text         not null,
    time            timestamptz  not null);
create index circulations_record on circulations (record, seq);
create index circulations_verb on circulations (verb, seq);

-- So that an exact total costs the same for ten records and for ten million.
create table counts (
    format          text         not null,
    iss             text         not null,
    records         bigint       not null,
    primary key (format, iss));

-- What is asked. An entry that was rejected after it had been taken in is out of sight at once, before the tables are built anew.
create view found as
select r.seq, r.stream, r.version, r.iss, coalesce(s.name, r.iss) as source, r.format, r.format_version, r.lifecycle, r.jti, r.kid, r.number, r.title, r.claims,
    r.exp, r.time, r.leaf, r.metadata, r.words
from records r left join sources s on s.iss = r.iss
where s.quarantined is not true and not exists (select from ledger_rejections x where x.seq = r.seq);

create view shown as
select seq, stream, version, iss, source, format, format_version, lifecycle, jti, kid, number, title, claims, exp, time, leaf, metadata from found;

-- A licence is the newest record of its stream; its number is the value of the first key field.
create view licences as select * from shown where lifecycle;
