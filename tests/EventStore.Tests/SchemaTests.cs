using EventLedger.EventStore.Schema;
using EventLedger.Tests.Shared;
using Npgsql;
using Shouldly;
using Xunit;
using static EventLedger.EventStore.Tests.Samples;

namespace EventLedger.EventStore.Tests;

/// <summary>The three tables are Marten 9's (string identity, single tenancy), as its own schema tool makes and compares them.</summary>
public sealed class SchemaTests(PostgresFixture postgres) : IAsyncLifetime
{
    private NpgsqlDataSource database = null!;

    public async ValueTask InitializeAsync()
    {
        database = NpgsqlDataSource.Create(await postgres.Cluster.CreateDatabase());
        await LedgerSchema.Apply(database, Now);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Theory]
    [InlineData("mt_streams", """
        id character varying NOT NULL
        type character varying
        version bigint
        timestamp timestamp with time zone NOT NULL DEFAULT now()
        created timestamp with time zone NOT NULL DEFAULT now()
        tenant_id character varying DEFAULT '*DEFAULT*'::character varying
        is_archived boolean DEFAULT false
        """)]
    [InlineData("mt_events", """
        seq_id bigint NOT NULL
        id uuid NOT NULL
        stream_id character varying
        version bigint NOT NULL
        data jsonb NOT NULL
        bdata bytea
        type character varying(500) NOT NULL
        timestamp timestamp with time zone NOT NULL DEFAULT now()
        tenant_id character varying DEFAULT '*DEFAULT*'::character varying
        mt_dotnet_type character varying
        is_archived boolean DEFAULT false
        """)]
    [InlineData("mt_event_progression", """
        name character varying NOT NULL
        last_seq_id bigint
        last_updated timestamp with time zone DEFAULT transaction_timestamp()
        """)]
    public async Task Columns_types_order_nullability_and_defaults_are_Martens(string table, string expected) => (await Lines($"""
        select column_name || ' ' || data_type || coalesce('(' || character_maximum_length || ')', '')
            || case is_nullable when 'NO' then ' NOT NULL' else '' end || coalesce(' DEFAULT ' || column_default, '')
        from information_schema.columns where table_schema = 'public' and table_name = '{table}' order by ordinal_position
        """)).ShouldBe(expected);

    [Fact]
    public async Task Constraints_are_Martens() => (await Lines("""
        select conname || ': ' || pg_get_constraintdef(oid) from pg_constraint
        where conrelid in ('mt_streams'::regclass, 'mt_events'::regclass, 'mt_event_progression'::regclass) and contype <> 'n' order by conname
        """)).ShouldBe("""
        fkey_mt_events_stream_id: FOREIGN KEY (stream_id) REFERENCES mt_streams(id) ON DELETE CASCADE
        pk_mt_event_progression: PRIMARY KEY (name)
        pkey_mt_events_seq_id: PRIMARY KEY (seq_id)
        pkey_mt_streams_id: PRIMARY KEY (id)
        """);

    [Fact]
    public async Task Indexes_are_Martens_and_no_more() => (await Lines("""
        select indexdef from pg_indexes where schemaname = 'public' and tablename in ('mt_streams', 'mt_events', 'mt_event_progression') order by indexname
        """)).ShouldBe("""
        CREATE UNIQUE INDEX pk_mt_event_progression ON public.mt_event_progression USING btree (name)
        CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON public.mt_events USING btree (stream_id, version)
        CREATE UNIQUE INDEX pkey_mt_events_seq_id ON public.mt_events USING btree (seq_id)
        CREATE UNIQUE INDEX pkey_mt_streams_id ON public.mt_streams USING btree (id)
        """);

    [Fact]
    public async Task The_sequence_is_Martens_and_owned_by_its_column() => (await Lines("""
        select pg_get_serial_sequence('mt_events', 'seq_id') || format(' %s start %s by %s cache %s', data_type, start_value, increment_by, cache_size)
        from pg_sequences where sequencename = 'mt_events_sequence'
        """)).ShouldBe("public.mt_events_sequence bigint start 1 by 1 cache 1");

    [Fact]
    public async Task Applying_again_changes_nothing()
    {
        const string Everything = """
            select string_agg(format('%s %s %s', relname, relkind, relfilenode), E'\n' order by relname)
            from pg_class where relnamespace = 'public'::regnamespace
            """;
        var before = await Lines(Everything);
        await LedgerSchema.Apply(database, Now);
        (await Lines(Everything)).ShouldBe(before);
    }

    [Theory]
    [InlineData("update mt_events set type = 'other'")]
    [InlineData("delete from mt_events")]
    [InlineData("delete from mt_streams")]
    [InlineData("truncate mt_events")]
    [InlineData("update ledger_entries set actor = 'other'")]
    [InlineData("delete from ledger_blocks")]
    [InlineData("delete from ledger_rejections")]
    public async Task History_refuses_a_slip_of_the_hand(string sql)
    {
        await using var command = database.CreateCommand(sql);
        (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Now))).MessageText.ShouldContain("append-only");
    }

    private async Task<string> Lines(string sql)
    {
        await using var command = database.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync(Now);
        var lines = new List<string>();
        while (await rows.ReadAsync(Now))
        {
            lines.Add(rows.GetString(0));
        }
        return string.Join('\n', lines);
    }
}
