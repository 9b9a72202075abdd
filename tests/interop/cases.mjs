// Bundles with the verdict that every verifier must give: good ones, and ones that are wrong in exactly one way although everybody
// who has to sign did sign, so that no broken signature hides the rule that is meant to refuse them.
import { canonical } from '../../src/Web/wwwroot/verify.mjs';
import { TestLedger, disclosure, hex, inclusion, newKey, record, sha256 } from './maker.mjs';
import { ways } from './ways.mjs';

const STATUS = { status: { status_list: { idx: 7, uri: 'https://ledger.example/status/0123456789abcdef/1' } } };
const clone = value => structuredClone(value);

/** A ledger with one record in block 2, among others; `shape` may change how each part is made. */
function scene({ ledger = new TestLedger(), payload = {}, disclosures = [], before = 2, after = 1, entry = {}, key, header, seal = {}, text } = {}) {
  ledger.seal();
  const filler = () => ledger.submit(record(ledger.source, ledger.payload()));
  for (let i = 0; i < before; i++) filler();
  const claims = { ...ledger.payload(), ...payload };
  const sdjwt = text?.(ledger) ?? record(key ?? ledger.source, claims, disclosures, header?.(ledger));
  const sealed = ledger.submit(sdjwt, typeof entry === 'function' ? entry(ledger) : entry);
  for (let i = 0; i < after; i++) filler();
  ledger.seal(typeof seal === 'function' ? seal(ledger, sealed) : seal);
  return { ledger, sdjwt, entry: sealed, block: ledger.headers.at(-1), bundle: more => ledger.bundle(sdjwt, sealed, more) };
}

/** A ledger that changes validators at block 3 and whose record's status is as of block 5. */
function changed(next = l => [...l.set.slice(1), l.newValidator('v5')]) {
  const s = scene({ payload: STATUS });
  const { ledger } = s;
  ledger.seal({ next: next(ledger) });
  ledger.seal();
  ledger.seal();
  return { ...s, status: ledger.status(s.entry) };
}

export function* cases() {
  let genesis;
  const made = (name, code, bundle, ledger) => {
    genesis = ledger.genesis;
    const open = ['version', 'status-missing'].includes(code) || name === 'a genesis file that is none';
    const good = ['ok', 'suspended', 'revoked', 'expired', 'superseded'].includes(code);
    return { name, verdict: good ? 'authentic' : open ? 'cannot-tell' : 'not-authentic', code, genesis, bundle: typeof bundle === 'string' ? bundle : canonical(bundle) };
  };
  const from = (name, code, shape, more) => {
    const s = scene(shape);
    return made(name, code, s.bundle(typeof more === 'function' ? more(s) : more), s.ledger);
  };
  yield* good(made, from);
  yield* records(made, from);
  yield* trees(made, from);
  yield* seals(made, from);
  yield* sets(made);
  yield* ways(made, scene({ payload: STATUS }));
  yield* statuses(made, from);
  yield* forms(made, from);
}

function* good(made, from) {
  yield from('a public record without status', 'ok', {});
  yield from('a record with a valid status', 'ok', { payload: STATUS }, s => ({ status: s.ledger.status(s.entry) }));
  for (const status of ['suspended', 'revoked', 'expired', 'superseded']) {
    yield from(`a record that is ${status}`, status, { payload: STATUS }, s => ({ status: s.ledger.status(s.entry, undefined, { status, version: 2 }) }));
  }
  const [name, street, nested, item] = [disclosure('name', 'Ada Müller'), disclosure('street', { house: 7 }), disclosure('city', 'Zürich'), disclosure('tacos')];
  const address = disclosure('address', { _sd: [nested.digest], country: 'CH' });
  const payload = { _sd: [name.digest, street.digest, address.digest, hex('decoy')].sort(), _sd_alg: 'sha-256', foods: ['soup', { '...': item.digest }, { '...': hex('x') }] };
  yield from('every value disclosed, nested and in an array', 'ok', { payload, disclosures: [name, street, address, nested, item] });
  yield from('one value disclosed', 'ok', { payload, disclosures: [street] });
  yield from('no value disclosed', 'ok', { payload });
  yield from('three of four validators signed', 'ok', {}, s => ({ commit: s.ledger.commit(s.block.header, s.block.set.slice(1)) }));
  yield from('decided in a later round', 'ok', {}, s => ({ commit: s.ledger.commit(s.block.header, s.block.set, { round: 3 }) }));
  yield from('only entry of its block', 'ok', { before: 0, after: 0 });
  yield from('among many entries', 'ok', { before: 37, after: 60 });
  yield from('another entry of its block was rejected', 'ok', { seal: { rejected: [[2, 'jti-reused'], [5, 'time-wrong']] }, after: 2 });
  yield from('issued five minutes after its entry', 'ok', { payload: { iat: Date.parse('2026-01-01T00:06:30Z') / 1000 } });
  yield from('of the second version of a stream', 'ok', { entry: { version: 2 } });
  const seven = new TestLedger({ validators: 7 });
  yield from('seven validators, five signed', 'ok', { ledger: seven }, s => ({ commit: s.ledger.commit(s.block.header, s.block.set.slice(2)) }));
  const s = changed();
  yield made('the validators changed after the record', 'ok', s.bundle({ status: s.status }), s.ledger);
  const { ledger } = s;
  ledger.seal({ next: [...ledger.set.slice(1), ledger.newValidator('v6')] });
  const sdjwt = record(ledger.source, ledger.payload());
  const entry = ledger.submit(sdjwt);
  ledger.seal();
  yield made('the validators changed twice before the record', 'ok', ledger.bundle(sdjwt, entry), ledger);
}

function* records(made, from) {
  const other = newKey();
  yield from('another key stands as issuer', 'issuer-key', {}, { issuer: other.jwk });
  yield from('signed by another key under the issuer\'s name', 'issuer-signature', { key: other, header: l => ({ alg: 'ES256', kid: l.source.kid, typ: 'dc+sd-jwt' }) });
  yield from('another algorithm', 'issuer-signature', { header: l => ({ alg: 'none', kid: l.source.kid, typ: 'dc+sd-jwt' }) });
  yield from('another type of JWT', 'issuer-signature', { header: l => ({ alg: 'ES256', kid: l.source.kid, typ: 'JWT' }) });
  yield from('a header that this verifier does not know', 'issuer-signature', { header: l => ({ alg: 'ES256', crit: ['x'], kid: l.source.kid, typ: 'dc+sd-jwt', x: 1 }) });
  yield from('a name twice in the signed payload', 'issuer-signature', {
    text: l => record(l.source, JSON.stringify(l.payload()).replace('{', '{"number":"L-0",')),
  });
  const d = disclosure('name', 'Ada');
  const with_ = (name, payload, disclosures, ...rest) => from(name, 'disclosure', { payload, disclosures }, ...rest);
  yield with_('a disclosure that was not signed', { _sd: [hex('x')] }, [d]);
  yield with_('a disclosure twice', { _sd: [d.digest] }, [d, d]);
  yield with_('a digest twice', { _sd: [d.digest, d.digest] }, [d]);
  yield with_('a digest twice at different places', { _sd: [d.digest], more: { _sd: [d.digest] } }, [d]);
  yield with_('a disclosed name that is there already', { _sd: [d.digest], name: 'Bob' }, [d]);
  for (const name of ['_sd', '...', 'status', 'iss', 'vct', 'exp']) {
    const bad = disclosure(name, 'x');
    yield with_(`a disclosure named ${name}`, { _sd: [bad.digest] }, [bad]);
  }
  const element = disclosure('x');
  yield with_('an array element as a member', { _sd: [element.digest] }, [element]);
  yield with_('a member as an array element', { list: [{ '...': d.digest }] }, [d]);
  yield with_('another digest algorithm', { _sd: [d.digest], _sd_alg: 'sha-512' }, [d]);
  yield with_('digests that are not a list', { _sd: d.digest }, []);
  const four = disclosure('name', 'Ada', 'more');
  yield with_('a disclosure of four parts', { _sd: [four.digest] }, [four]);
  const text = Buffer.from('["c2FsdA","name",{"a":1,"a":2}]').toString('base64url');
  const twice = { text, digest: Buffer.from(sha256(text)).toString('base64url') };
  yield with_('a name twice in a disclosed value', { _sd: [twice.digest] }, [twice]);
  yield from('no ~ at the end', 'issuer-signature', { payload: { _sd: [d.digest] }, disclosures: [d] }, s => ({ record: s.sdjwt.slice(0, -1) }));
  yield from('a key binding at the end', 'issuer-signature', { payload: { _sd: [d.digest] }, disclosures: [d] }, s => ({ record: `${s.sdjwt}${s.sdjwt.split('~')[0]}` }));
  yield from('the entry holds another signature of the same record', 'record-mismatch', {
    entry: l => ({ data: { record: record(l.source, l.payload()).split('~')[0] } }),
  });
  yield from('the entry holds no record', 'entry', { entry: { data: {} } });
  yield from('the record was made for another ledger', 'chain', { payload: { ledger: 'test-0123456789abcdef' } });
  yield from('the entry names another issuer', 'entry', { entry: { actor: 'https://other.example' } });
  yield from('the entry is of another type', 'entry', { entry: { type: 'status_changed' } });
  yield from('issued more than five minutes after its entry', 'entry', { payload: { iat: Date.parse('2026-01-01T00:06:31Z') / 1000 } });
  yield from('a record without jti', 'entry', { payload: { jti: undefined } });
  yield from('an entry above 60 000 bytes', 'entry', { entry: l => ({ data: { record: 'x'.repeat(60_000) } }) });
}

function* trees(made, from) {
  const path = change => ({ ledger, entry, block }) => {
    const hashes = ledger.bundle('', entry).path;
    return { path: change(hashes, block) };
  };
  yield from('a path that is too long', 'inclusion', {}, path(p => [...p, p[0]]));
  yield from('a path that is too short', 'inclusion', {}, path(p => p.slice(0, -1)));
  yield from('a path in the wrong order', 'inclusion', { before: 5, after: 7 }, path(p => [...p].reverse()));
  yield from('an empty path', 'inclusion', {}, path(() => []));
  yield from('the entry has the place of another', 'inclusion', { before: 3 }, s => ({ entry: { ...s.entry, seq: s.entry.seq + 1 } }));
  const later = scene();
  later.ledger.submit(record(later.ledger.source, later.ledger.payload()));
  const { header, commit, previousResults, rejected } = later.ledger.seal();
  const leaves = later.ledger.entries.map(e => sha256([0], canonical(e)));
  const hashes = inclusion(later.entry.seq - 1, leaves).map(h => h.toString('hex'));
  yield made('a later block than the one that sealed it', 'header', later.bundle({ header, commit, previousResults, rejected, path: hashes }), later.ledger);

  yield from('this entry was rejected', 'rejected', { seal: (l, e) => ({ rejected: [[e.seq, 'jti-reused']] }) });
  yield from('the list of rejected entries is kept back', 'results', { seal: (l, e) => ({ rejected: [[e.seq, 'jti-reused']] }) }, { rejected: [] });
  yield from('other results before', 'results', {}, { previousResults: hex('x') });
  yield from('a rejected entry of another block', 'results', { seal: { rejected: [[1, 'time-wrong']] } });
  yield from('a rejected entry that is not there yet', 'results', { seal: { rejected: [[99, 'time-wrong']] } });
  yield from('rejected entries in descending order', 'results', { seal: { rejected: [[5, 'time-wrong'], [2, 'time-wrong']] } });
  yield from('a rejected entry twice', 'results', { seal: { rejected: [[2, 'time-wrong'], [2, 'time-wrong']] } });
}

function* seals(made, from) {
  const signed = (name, code, commit) => from(name, code, {}, s => ({ commit: commit(s.ledger, s.block.header, s.block.set) }));
  yield signed('two of four validators signed', 'quorum', (l, h, set) => l.commit(h, set.slice(2)));
  yield signed('nobody signed', 'quorum', (l, h) => l.commit(h, []));
  const six = new TestLedger({ validators: 6 });
  yield from('exactly two thirds signed', 'quorum', { ledger: six }, s => ({ commit: s.ledger.commit(s.block.header, s.block.set.slice(2)) }));
  yield signed('a stranger signed beside all validators', 'commit', (l, h, set) => l.commit(h, [...set, l.newValidator('stranger')]));
  yield signed('one validator signed twice', 'commit', (l, h, set) => l.commit(h, [...set.slice(1), set[1]]));
  yield signed('signatures not in order', 'commit', (l, h, set) => {
    const commit = l.commit(h, set);
    return { ...commit, signatures: commit.signatures.reverse() };
  });
  yield signed('prevotes instead of precommits', 'commit', (l, h, set) => l.commit(h, set, { step: 'prevote' }));
  yield signed('votes of another round', 'commit', (l, h, set) => ({ ...l.commit(h, set), round: 1 }));
  yield signed('votes for another chain', 'commit', (l, h, set) => l.commit({ ...h, chain: 'x' }, set, { block: hex(canonical(h)) }));
  yield signed('votes with checkpoint keys', 'commit', (l, h, set) => {
    const vote = canonical({ chain: h.chain, height: h.height, round: 0, step: 'precommit', block: hex(canonical(h)) });
    return { ...l.commit(h, []), signatures: l.sign(vote, set.map(v => v.keys.checkpoint)) };
  });
  yield signed('one signature of four is broken', 'commit', (l, h, set) => {
    const commit = l.commit(h, set);
    commit.signatures[2].sig = commit.signatures[1].sig;
    return commit;
  });
  yield signed('a commit of another block', 'header', (l, h, set) => l.commit({ ...h, time: l.time(9) }, set));
  yield signed('a commit of another height', 'header', (l, h, set) => l.commit(h, set, { height: 3 }));
  yield from('a header of another chain', 'chain', { seal: { change: { chain: 'other-0123456789abcdef' } } });
  yield from('a block of other validators than the genesis file\'s', 'header', { seal: l => {
    l.set = [1, 2, 3, 4].map(i => l.newValidator(`x${i}`));
    return {};
  } });
  const [mine, yours] = [scene(), scene()];
  yield made('the genesis file of another ledger', 'chain', mine.bundle(), yours.ledger);
  yield { ...made('a genesis file that is none', 'chain', mine.bundle(), mine.ledger), genesis: `${mine.ledger.genesis}\n` };
}

function* sets(made) {
  const judge = function (name, code, change, s = changed()) {
    const bundle = clone(s.bundle({ status: s.status }));
    change(bundle, s);
    return made(name, code, bundle, s.ledger);
  };
  yield judge('a change of validators is left out', 'header', b => { b.sets = []; });
  yield judge('a change of validators twice', 'set-chain', b => { b.sets.push(b.sets[0]); });
  yield judge('other validators than the sealed ones', 'set-chain', (b, s) => { b.sets[0].next = TestLedger.members(s.ledger.validators); });
  yield judge('a change that the new validators signed themselves', 'commit', (b, s) => {
    b.sets[0].commit = s.ledger.commit(b.sets[0].header, s.ledger.set);
  });
  yield judge('a change with two of four signatures', 'quorum', (b, s) => {
    b.sets[0].commit = s.ledger.commit(b.sets[0].header, s.ledger.validators.slice(2));
  });
  yield judge('members not in order', 'set-chain', b => { b.sets[0].next.reverse(); });
  yield judge('a member under another name', 'set-chain', b => { b.sets[0].next[0].kid = `-${b.sets[0].next[0].kid}`.slice(0, 43); });
  yield judge('a set of nobody', 'set-chain', b => { b.sets[0].next = []; });
  yield judge('a block that changes nothing', 'set-chain', (b, s) => {
    const { header, commit } = s.ledger.headers[0];
    b.sets.unshift({ header, commit, next: TestLedger.members(s.ledger.validators) });
  });
  yield judge('a change after the last block that counts', 'set-chain', b => { delete b.status; });
  const s = changed();
  s.ledger.seal({ next: [...s.ledger.set.slice(1), s.ledger.newValidator('v6')] });
  s.ledger.seal();
  yield judge('two changes in the wrong order', 'header', b => { b.sets.reverse(); }, { ...s, status: s.ledger.status(s.entry) });
  const forged = changed();
  const old = forged.ledger.validators;
  yield judge('a status of the validators before', 'status-signature', (b, { ledger, entry }) => {
    b.status = ledger.status(entry, undefined, {}, old.map(v => v.keys.status));
  }, forged);
}

function* statuses(made, from) {
  yield from('a status for a record that has none', 'members', {}, s => ({ status: s.ledger.status(s.entry) }));
  const judge = (name, code, status) => from(name, code, { payload: STATUS }, s => ({ status: status(s) }));
  const stated = (name, code, change) => judge(name, code, s => s.ledger.status(s.entry, undefined, change));
  yield from('no status where one is needed', 'status-missing', { payload: STATUS });
  yield from('no status where one is needed, and two of four signed', 'quorum', { payload: STATUS }, s => ({ commit: s.ledger.commit(s.block.header, s.block.set.slice(2)) }));
  yield from('a status of null', 'entry', { payload: { status: null } });
  yield stated('a status of another record', 'status-record', { record: hex('x') });
  yield judge('a status of the entry before', 'status-record', s => s.ledger.status(s.ledger.entries[1]));
  yield from('a status of an earlier version', 'status-record', { payload: STATUS, entry: { version: 2 } }, s => ({ status: s.ledger.status(s.entry, undefined, { version: 1 }) }));
  yield stated('a status as of another height', 'status-height', { height: 3 });
  yield stated('a status as of another time', 'status-height', { time: '2027-01-01T00:00:00.000Z' });
  yield judge('a status from before the seal', 'status-height', s => s.ledger.status(s.entry, s.ledger.headers[0]));
  yield stated('a status on another chain', 'status-record', { chain: 'other-0123456789abcdef' });
  yield judge('a status with two of four signatures', 'status-signature', s => s.ledger.status(s.entry, undefined, {}, s.block.set.slice(2).map(v => v.keys.status)));
  yield judge('a status with consensus keys', 'status-signature', s => s.ledger.status(s.entry, undefined, {}, s.block.set.map(v => v.consensus)));
  yield judge('a status with a stranger\'s signature', 'status-signature', s => s.ledger.status(s.entry, undefined, {}, [...s.block.set.map(v => v.keys.status), newKey()]));
  yield judge('a status with one signature twice', 'status-signature', s => s.ledger.status(s.entry, undefined, {}, [...s.block.set.slice(1), s.block.set[1]].map(v => v.keys.status)));
  yield judge('a status signed for another value', 'status-signature', s => {
    const status = clone(s.ledger.status(s.entry, undefined, { status: 'revoked' }));
    status.statement.status = 'valid';
    return status;
  });
  yield judge('a status of a block with two of four signatures', 'quorum', s => ({ ...s.ledger.status(s.entry), commit: s.ledger.commit(s.block.header, s.block.set.slice(2)) }));
  yield stated('a status without a name', 'members', { status: 'fine' });
}

function* forms(made, from) {
  const s = scene({ payload: STATUS });
  const whole = s.bundle({ status: s.ledger.status(s.entry) });
  const text = canonical(whole);
  const edit = change => {
    const copy = clone(whole);
    change(copy);
    return copy;
  };
  const part = (path, change) => edit(b => change(path.reduce((o, name) => o[name], b)));
  const parts = [[], ['header'], ['commit'], ['entry'], ['status', 'statement'], ['status', 'header'], ['status', 'commit']];
  for (const path of parts) {
    yield made(`version 2 of ${path.join('.') || 'the bundle'}`, 'version', part(path, p => { p.v = 2; }), s.ledger);
    yield made(`version "1" as text in ${path.join('.') || 'the bundle'}`, 'version', part(path, p => { p.v = '1'; }), s.ledger);
    yield made(`no version in ${path.join('.') || 'the bundle'}`, path[0] === 'entry' ? 'entry' : 'members', part(path, p => { delete p.v; }), s.ledger);
  }
  yield from('a sealed block of version 2', 'version', { seal: { change: { v: 2 } } });
  yield from('version 2 of the genesis file', 'version', { ledger: new TestLedger({ version: 2 }) });
  for (const path of [...parts, ['issuer'], ['status'], ['commit', 'signatures', 0], ['status', 'signatures', 0]]) {
    yield made(`an unknown member in ${path.join('.') || 'the bundle'}`, { entry: 'entry', issuer: 'issuer-key' }[path[0]] ?? 'members', part(path, p => { p.more = 1; }), s.ledger);
  }
  yield made('text without end', 'not-json', text.slice(0, -1), s.ledger);
  yield made('nothing', 'not-json', '', s.ledger);
  yield made('not an object', 'not-json', '[]', s.ledger);
  yield made('only null', 'not-json', 'null', s.ledger);
  yield made('a byte order mark', 'not-json', `\ufeff${text}`, s.ledger);
  yield made('a member twice', 'not-json', text.replace('{"commit":', '{"commit":{},"commit":'), s.ledger);
  yield made('a member twice, the second name escaped', 'not-json', text.replace('{"commit":', '{"c\\u006fmmit":{},"commit":'), s.ledger);
  yield made('U+0000 in a name', 'not-json', text.replace('"actor"', '"act\\u0000or"'), s.ledger);
  yield made('a lone surrogate', 'not-json', text.replace('"actor"', '"act\\ud800or"'), s.ledger);
  yield made('a number beyond all doubles', 'not-json', text.replace('"height":2', '"height":2e999'), s.ledger);
  yield made('65 levels', 'not-json', '['.repeat(65) + ']'.repeat(65), s.ledger);
  yield made('a line end after it', 'not-canonical', `${text}\n`, s.ledger);
  yield made('a space in it', 'not-canonical', text.replace(',', ', '), s.ledger);
  yield made('an escaped letter', 'not-canonical', text.replace('"actor"', '"\\u0061ctor"'), s.ledger);
  yield made('a number with a fraction of zero', 'not-canonical', text.replace('"height":2', '"height":2.0'), s.ledger);
  yield made('a number with an exponent', 'not-canonical', text.replace('"height":2', '"height":2e0'), s.ledger);
  yield made('members in another order', 'not-canonical', JSON.stringify({ v: 1, ...whole }), s.ledger);
  yield made('an issuer key off the curve', 'issuer-key', edit(b => { b.issuer.x = b.issuer.y; }), s.ledger);
  yield made('an issuer key with its private half', 'issuer-key', edit(b => { b.issuer.d = b.issuer.x; }), s.ledger);
}
