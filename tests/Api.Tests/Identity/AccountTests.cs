using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.Identity;

public sealed class AccountTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Password = "correct horse battery", Name = "jane.doe";

    private TestLedger ledger = null!;

    public async ValueTask InitializeAsync() => ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase(), Probe.Map);

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    public async Task The_first_code_opens_one_account_and_binds_nothing()
    {
        var file = Path.Combine(ledger.Data, "first-sign-in");
        var code = (await File.ReadAllTextAsync(file)).Trim();
        (await Open("jane doe", code)).Body.GetProperty("code").GetString().ShouldBe("account-refused", "a name that cannot be had does not cost the code");
        var (status, begun) = await Open(Name, code);
        (status, begun.GetProperty("strength").GetString(), begun.GetProperty("roles").GetArrayLength()).ShouldBe((200, "unbound", 0));
        File.Exists(file).ShouldBeFalse();
        (await Open("mallory", code)).Status.ShouldBe(401);
        (await TokenFor.AskPerson(ledger, Secret(begun))).Status.ShouldBe(403, "a person without a role gets no token");
    }

    [Fact]
    public async Task A_code_that_is_a_day_old_opens_nothing()
    {
        var code = (await File.ReadAllTextAsync(Path.Combine(ledger.Data, "first-sign-in"))).Trim();
        await Database.Run(ledger.Connection, "update identity.invitations set until = until - interval '24 hours'");
        (await Open(Name, code)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Only_an_operator_who_signed_in_with_a_key_invites()
    {
        var (_, notary) = await TokenFor.Bind(ledger, Role.Notary);
        (await Send("/invitations", await TokenFor.SignIn(ledger, notary))).Status.ShouldBe(403);
        var (status, invited) = await Send("/invitations", await TokenFor.SignIn(ledger, ledger.Operators[0]));
        status.ShouldBe(200);
        (await Open("second.person", invited.GetProperty("code").GetString()!)).Status.ShouldBe(200);
    }

    [Fact]
    [Y4561("D-7.2.3-a")]
    public async Task Password_and_code_are_enough_to_read_and_to_draft_and_for_nothing_else()
    {
        var (session, secret, pseudonym) = await WithPassword();
        await Bind(pseudonym, Role.Operator);
        var (status, begun) = await SignIn(Totp.Code(secret, 1));
        (status, begun.GetProperty("strength").GetString()).ShouldBe((200, "password"));
        (await TokenFor.AskPerson(ledger, Secret(begun), "o2c")).Body.GetProperty("scope").GetString().ShouldBe("o2c.draft o2c.read");
        (await TokenFor.AskPerson(ledger, Secret(begun), scope: "u2s.query")).Status.ShouldBe(403);
        (await Send("/invitations", Secret(begun))).Status.ShouldBe(403);
        (await ledger.Send(HttpMethod.Get, "/identity/v1/me", session)).Status.ShouldBe(200, "another sign-in ends none");
    }

    [Fact]
    public async Task A_code_counts_once_and_a_wrong_password_never()
    {
        var (_, secret, _) = await WithPassword();
        var code = Totp.Code(secret, 1);
        (await SignIn(code, "not the password")).Status.ShouldBe(401);
        (await SignIn(code)).Status.ShouldBe(200);
        (await SignIn(code)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_new_secret_counts_once_it_was_shown_to_work_and_until_then_the_one_before_does()
    {
        var (session, secret, pseudonym) = await WithPassword();
        var passkey = new SoftPasskey();
        await Enrol(passkey, session);
        await Bind(pseudonym, Role.Operator, passkey.Public, "passkey");
        var byKey = Secret((await SignIn(passkey)).Body);
        var next = (await Send("/totp", byKey)).Body.GetProperty("secret").GetString()!;
        (await Dump()).ShouldNotContain(next, Case.Insensitive);
        (await SignIn(Totp.Code(next))).Status.ShouldBe(401, "nobody has shown yet that it works");
        (await SignIn(Totp.Code(secret))).Status.ShouldBe(200);
        (await Send("/totp/confirmation", byKey, new() { ["code"] = Totp.Code(secret, 1) })).Status.ShouldBe(401, "a code of the old secret shows nothing about the new one");
        (await Send("/totp/confirmation", byKey, new() { ["code"] = Totp.Code(next, -1) })).Status.ShouldBe(204);
        (await SignIn(Totp.Code(secret, 1))).Status.ShouldBe(401);
        (await SignIn(Totp.Code(next))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Who_has_the_whole_database_has_no_secret_of_one_time_codes_and_what_stood_open_is_hidden_at_the_next_start()
    {
        var (_, secret, _) = await WithPassword();
        (await Dump()).ShouldNotContain(secret, Case.Insensitive);
        // As a version before this one kept it.
        const string row = """update identity."AspNetUserTokens" set "Value" = """;
        await Database.Run(ledger.Connection, $"""{row}'{secret}' where "Name" = 'AuthenticatorKey'""");
        (await Dump()).ShouldContain(secret);
        (await SignIn(Totp.Code(secret, 1))).Status.ShouldBe(401, "in the open it does not count");
        await ledger.StopHost();
        await ledger.StartHost();
        await ledger.Ready();
        (await Dump()).ShouldNotContain(secret, Case.Insensitive);
        (await SignIn(Totp.Code(secret, 1))).Status.ShouldBe(200);
        // Another account's row, or one under another key, opens nothing.
        await Database.Run(ledger.Connection, $"""{row}overlay("Value" placing 'AAAA' from 8) where "Name" = 'AuthenticatorKey'""");
        (await SignIn(Totp.Code(secret))).Status.ShouldBe(401);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Path.Combine(ledger.Data, "vault", "accounts.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public void A_hidden_secret_is_its_accounts_alone()
    {
        using var mine = AccountSecrets.Open(Path.Combine(ledger.Data, "one"));
        using var again = AccountSecrets.Open(Path.Combine(ledger.Data, "one"));
        using var other = AccountSecrets.Open(Path.Combine(ledger.Data, "two"));
        var hidden = mine.Hide("ann", "JBSWY3DP");
        again.Show("ann", hidden).ShouldBe("JBSWY3DP");
        mine.Show("ben", hidden).ShouldBeNull();
        other.Show("ann", hidden).ShouldBeNull();
        mine.Show("ann", "JBSWY3DP").ShouldBeNull();
        mine.Hide("ann", "JBSWY3DP").ShouldNotBe(hidden);
    }

    // Every row of every table, as a dump has it.
    private async Task<string> Dump()
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(ledger.Connection);
        await using var command = database.CreateCommand("select database_to_xml(true, false, '')::text");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    [Fact]
    public async Task Five_wrong_tries_lock_an_account_for_a_quarter_of_an_hour()
    {
        var (_, secret, _) = await WithPassword();
        for (var i = 0; i < 5; i++)
        {
            (await SignIn(Totp.Code(secret, 1), $"guess {i}")).Status.ShouldBe(401);
        }
        var (status, right) = await SignIn(Totp.Code(secret, 1));
        var (unknown, nobody) = await SignIn("000000", name: "nobody");
        (status, right.GetProperty("detail").GetString()).ShouldBe((unknown, nobody.GetProperty("detail").GetString()), "nobody learns which names there are");
        await Database.Run(ledger.Connection, """update identity."AspNetUsers" set "LockoutEnd" = "LockoutEnd" - interval '15 minutes'""");
        (await SignIn(Totp.Code(secret, 1))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_short_password_is_refused_and_a_new_one_ends_other_sessions()
    {
        var (session, secret, _) = await WithPassword();
        (await Send("/password", session, new() { ["password"] = "short", ["current"] = Password })).Body.GetProperty("code").GetString().ShouldBe("account-refused");
        var other = Secret((await SignIn(Totp.Code(secret, 1))).Body);
        (await Send("/password", session, new() { ["password"] = "another long one", ["current"] = "wrong" })).Status.ShouldBe(401);
        (await Send("/password", session, new() { ["password"] = "another long one", ["current"] = Password })).Status.ShouldBe(204);
        (await ledger.Send(HttpMethod.Get, "/identity/v1/me", other)).Status.ShouldBe(401);
        (await ledger.Send(HttpMethod.Get, "/identity/v1/me", session)).Status.ShouldBe(200);
    }

    [Fact]
    [Y4561("N-8.4-c")]
    public async Task An_operator_signs_in_with_a_passkey_and_signs_each_act_with_it()
    {
        var begun = (await Open(Name, (await File.ReadAllTextAsync(Path.Combine(ledger.Data, "first-sign-in"))).Trim())).Body;
        var passkey = new SoftPasskey();
        var enrolled = await Enrol(passkey, Secret(begun));
        enrolled.GetProperty("isBound").GetBoolean().ShouldBeFalse();
        (await SignIn(passkey)).Body.GetProperty("strength").GetString().ShouldBe("unbound");

        var pseudonym = begun.GetProperty("pseudonym").GetString()!;
        await Bind(pseudonym, Role.Operator, passkey.Public, "passkey");
        var session = (await SignIn(passkey)).Body;
        (session.GetProperty("strength").GetString(), session.GetProperty("roles")[0].GetString()).ShouldBe(("key", Role.Operator));
        var (_, token) = await TokenFor.AskPerson(ledger, Secret(session), "o2c");
        (await ledger.Send(HttpMethod.Get, Probe.Of("o2c", Policy.Operator), token.GetProperty("access_token").GetString())).Status.ShouldBe(200);

        // Being signed in is no signature: the act carries one of its own, or has no effect.
        var (stream, format) = (EventTable.FormatStream("licence"), Format());
        (await Post(stream, format, null)).Body.GetProperty("code").GetString().ShouldBe(RejectionCode.AuthorizationSignature);
        passkey.Flags = 0x01;
        (await Post(stream, format, passkey)).Body.GetProperty("code").GetString().ShouldBe(RejectionCode.AuthorizationSignature, "the user was not verified");
        passkey.Flags = 0x05;
        (await Post(stream, format, passkey)).Status.ShouldBe(202);
    }

    [Fact]
    public async Task A_passkey_of_another_place_or_an_old_challenge_is_refused()
    {
        var session = Secret((await Open(Name, (await File.ReadAllTextAsync(Path.Combine(ledger.Data, "first-sign-in"))).Trim())).Body);
        foreach (var wrong in (SoftPasskey[])[new(origin: "https://evil.example"), new(rpId: "evil.example"), new() { Flags = 0x01 }])
        {
            var (_, options) = await Send("/passkeys/options", session);
            (await Send("/passkeys", session, wrong.Create(options))).Body.GetProperty("code").GetString().ShouldBe("key-refused");
        }
        var passkey = new SoftPasskey();
        await Enrol(passkey, session);
        var (_, asked) = await Send("/passkeys/assertion/options");
        var answer = passkey.Get(asked);
        (await Send("/passkeys/assertion", body: (JsonObject)answer.DeepClone())).Status.ShouldBe(200);
        (await Send("/passkeys/assertion", body: answer)).Status.ShouldBe(401, "a challenge counts once");
        passkey.Flags = 0x01;
        (await SignIn(passkey)).Status.ShouldBe(401, "the user must be verified");
    }

    [Fact]
    public async Task A_browser_key_is_enrolled_by_showing_that_it_is_there()
    {
        var session = await TokenFor.SignIn(ledger, ledger.Operators[0]);
        using var key = TestLedger.NewKey(KeyPurpose.Operator);
        var (_, asked) = await Send("/keys/challenge", session);
        var jws = Domain.Ledger.SignIn.Create(key, ledger.Genesis.Chain, asked.GetProperty("challenge").GetString()!);
        JsonObject Body() => new() { ["jwk"] = key.Public.ToJson(), ["jws"] = jws };
        (await Send("/keys", await TokenFor.SignIn(ledger, ledger.Operators[1]), Body())).Status.ShouldBe(400, "the challenge was another person's");
        (await Send("/keys", session, Body())).Body.GetProperty("kind").GetString().ShouldBe("browser");
        (await Send("/keys", session, Body())).Status.ShouldBe(400, "once");
        var keys = (await ledger.Send(HttpMethod.Get, "/identity/v1/keys", session)).Body.GetProperty("keys").EnumerateArray().ToDictionary(k => k.GetProperty("kid").GetString()!);
        keys[key.Public.Kid].GetProperty("isBound").GetBoolean().ShouldBeFalse();
        keys[ledger.Operators[0].Public.Kid].GetProperty("isBound").GetBoolean().ShouldBeTrue();
        (await TokenFor.TrySignIn(ledger, key)).Status.ShouldBe(401);
    }

    [Theory]
    [InlineData("/bootstrap", """{"code":null,"name":null}""")]
    [InlineData("/sign-in", """{"jws":null}""")]
    [InlineData("/sign-in/password", """{"name":null,"password":null,"code":null}""")]
    [InlineData("/sign-in/password", """{"name":"a\u0000b","password":"x","code":"1"}""")]
    [InlineData("/passkeys/assertion", """{"credential":{"response":{"clientDataJSON":"e30"}}}""")]
    [InlineData("/bootstrap", """{"code":"x","name":"y","role":"operator"}""")]
    [InlineData("/sign-in", "[]")]
    public async Task Nonsense_is_refused_and_breaks_nothing(string path, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var (status, problem) = await Agency.Read(await ledger.Http.PostAsync($"/identity/v1{path}", content));
        status.ShouldBeInRange(400, 401);
        problem.TryGetProperty("code", out _).ShouldBeTrue();
    }

    private static string Secret(JsonElement begun) => begun.GetProperty("session").GetString()!;

    private static JsonObject Format() => (JsonObject)JsonNode.Parse("""
        {"id":"licence","version":1,"title":"Licence","key":["number"],"lifecycle":false,"classification":{"number":"public"},
         "schema":{"type":"object","required":["number"],"additionalProperties":false,"properties":{"number":{"type":"string","maxLength":40}}}}
        """)!;

    private Task<(int Status, JsonElement Body)> Send(string path, string? session = null, JsonObject? body = null) =>
        ledger.Send(HttpMethod.Post, $"/identity/v1{path}", session, body);

    private Task<(int Status, JsonElement Body)> Open(string name, string code) => Send("/bootstrap", body: new() { ["code"] = code, ["name"] = name });

    private Task<(int Status, JsonElement Body)> SignIn(string code, string password = Password, string name = Name) =>
        Send("/sign-in/password", body: new() { ["name"] = name, ["password"] = password, ["code"] = code });

    private async Task<(int Status, JsonElement Body)> SignIn(SoftPasskey passkey) =>
        await Send("/passkeys/assertion", body: passkey.Get((await Send("/passkeys/assertion/options")).Body));

    private async Task<JsonElement> Enrol(SoftPasskey passkey, string session)
    {
        var (status, key) = await Send("/passkeys", session, passkey.Create((await Send("/passkeys/options", session)).Body));
        status.ShouldBe(200, key.ToString());
        return key;
    }

    private async Task<(string Session, string Secret, string Pseudonym)> WithPassword()
    {
        var begun = (await Open(Name, (await File.ReadAllTextAsync(Path.Combine(ledger.Data, "first-sign-in"))).Trim())).Body;
        var session = Secret(begun);
        (await Send("/password", session, new() { ["password"] = Password })).Status.ShouldBe(204);
        var secret = (await Send("/totp", session)).Body.GetProperty("secret").GetString()!;
        (await SignIn(Totp.Code(secret))).Status.ShouldBe(401, "no second factor yet");
        (await Send("/totp/confirmation", session, new() { ["code"] = Totp.Code(secret, -1) })).Status.ShouldBe(204);
        return (session, secret, begun.GetProperty("pseudonym").GetString()!);
    }

    private async Task Bind(string pseudonym, string role, Jwk? key = null, string kind = "cli") => (await new Agency(ledger).Control(EventTable.RoleBound,
        EventTable.RoleStream(pseudonym), 0, new() { ["jwk"] = (key ?? TestLedger.NewKey(KeyPurpose.Operator).Public).ToJson(), ["kind"] = kind, ["pseudonym"] = pseudonym, ["role"] = role },
        [.. ledger.Operators])).Status.ShouldBe(202);

    private async Task<(int Status, JsonElement Body)> Post(string stream, JsonObject format, SoftPasskey? signer)
    {
        var (nonce, exp, data) = (B64.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16)), Agency.Now.PlusMs(3_600_000), new JsonObject { ["format"] = format.DeepClone() });
        var subject = Authorization.Subject(ledger.Genesis.Chain, stream, EventTable.FormatRegistered, data, 0, nonce, exp);
        using var stranger = TestLedger.NewKey(KeyPurpose.Operator);
        data["authorization"] = Authorization.Create(nonce, exp, signer is null ? Authorization.Sign(stranger, subject) : signer.Sign(subject));
        return await ledger.Send(HttpMethod.Post, "/o2c/v1/controls", null,
            new() { ["type"] = EventTable.FormatRegistered, ["stream"] = stream, ["expectedVersion"] = 0, ["data"] = data });
    }
}
