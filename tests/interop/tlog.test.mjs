// Go's golang.org/x/mod/sumdb/tlog judges our Merkle proofs: those in tests/vectors/proofs.jsonl, which the C# tests hold to what they make.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const gopath = process.env.TLOG_GOPATH ?? '/usr/share/gocode';
// Debian: golang-go and golang-golang-x-mod-dev. ./test installs them; without them this cannot run, and says so.
const skip = existsSync(join(gopath, 'src/golang.org/x/mod/sumdb/tlog')) ? false : 'golang-golang-x-mod-dev is not installed';

describe('Go sumdb', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tlog-'));
  const program = join(folder, 'tlog');
  const probes = readFileSync(new URL('../vectors/proofs.jsonl', import.meta.url), 'utf8').trim().split('\n').map(line => JSON.parse(line));
  const judge = list => execFileSync(program, { input: list.map(p => JSON.stringify(p)).join('\n'), maxBuffer: 1 << 26 }).toString().trim().split('\n');

  before(() => execFileSync('go', ['build', '-o', program, '.'], {
    cwd: join(here, 'tlog'), env: { ...process.env, GO111MODULE: 'off', GOPATH: gopath, GOFLAGS: '', GOCACHE: join(folder, 'cache') },
  }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('accepts every inclusion and consistency proof of ours', () => {
    assert.ok(probes.filter(p => p.kind === 'inclusion').length >= 200);
    assert.ok(probes.filter(p => p.kind === 'consistency').length >= 500);
    judge(probes).forEach((answer, i) => assert.equal(answer, 'ok', JSON.stringify(probes[i])));
  });

  test('refuses each of them with one digit changed', () => {
    const turn = hash => (hash[0] === 'f' ? '0' : 'f') + hash.slice(1);
    const wrong = probes.flatMap((p, i) => [{ ...p, root: turn(p.root) }, ...(p.path.length ? [{ ...p, path: p.path.map((h, at) => (at === i % p.path.length ? turn(h) : h)) }] : [])]);
    judge(wrong).forEach((answer, i) => assert.equal(answer, 'refused', JSON.stringify(wrong[i])));
  });
});
