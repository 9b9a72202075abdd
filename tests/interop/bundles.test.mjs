import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CODES, verify } from '../../src/Web/wwwroot/verify.mjs';
import { cases } from './cases.mjs';
import { apply } from './mutations.mjs';

const judge = ({ bundle, genesis }, options) => verify(Buffer.from(bundle), Buffer.from(genesis), options);
const EXIT = { 'authentic': 0, 'not-authentic': 1, 'cannot-tell': 2 };
const folder = new URL('../vectors/bundles/', import.meta.url);
const read = file => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
const vectors = readdirSync(folder).map(read);
const module = fileURLToPath(new URL('../../src/Web/wwwroot/verify.mjs', import.meta.url));

async function expect(vector) {
  const { verdict, code, exit, checks } = await judge(vector);
  assert.deepEqual({ verdict, code }, { verdict: vector.verdict, code: vector.code }, JSON.stringify(checks, null, 1));
  assert.equal(exit, EXIT[verdict]);
}

for (const made of cases()) test(`fresh: ${made.name}: ${made.verdict} (${made.code})`, () => expect(made));
for (const vector of vectors) test(`stored: ${vector.name}: ${vector.verdict} (${vector.code})`, () => expect(vector));

test('every mutation that the other verifiers judge gets the same verdict and code here', async () => {
  let refused = 0;
  for (const { of, mutations } of JSON.parse(readFileSync(new URL('../mutations.json', folder), 'utf8'))) {
    const { bundle, genesis } = read(of);
    for (const [name, at, remove, insert, verdict, code] of mutations) {
      const answer = await judge({ bundle: apply(bundle, { at, remove, insert }), genesis });
      assert.deepEqual([answer.verdict, answer.code], [verdict, code], `${of}: ${name}`);
      if (verdict !== 'authentic') refused++;
    }
  }
  assert.ok(refused >= 300);
});

test('every reason code has a bundle', () => {
  assert.deepEqual([...new Set(vectors.map(v => v.code))].sort(), Object.keys(CODES).sort());
});

test('a proved status shows, and --require-valid minds it', async () => {
  const revoked = vectors.find(v => v.code === 'revoked');
  const answer = await judge(revoked, { requireValid: true });
  assert.equal(answer.verdict, 'authentic');
  assert.equal(answer.exit, 1);
  assert.equal(answer.status.value, 'revoked');
  assert.equal((await judge(vectors.find(v => v.code === 'ok'), { requireValid: true })).exit, 0);
});

test('bytes that are not UTF-8 are not JSON', async () => {
  assert.equal((await verify(Buffer.from([0x22, 0xff, 0x22]), Buffer.from(vectors[0].genesis))).code, 'not-json');
});

test('a Node without the global of Web Crypto judges as any other', () => {
  const { bundle, genesis } = vectors.find(v => v.code === 'ok');
  const program = `delete globalThis.crypto;
    const { verify } = await import(${JSON.stringify(pathToFileURL(module).href)});
    const { readFileSync } = await import('node:fs');
    const [bundle, genesis] = JSON.parse(readFileSync(0)).map(text => Buffer.from(text));
    console.log('crypto' in globalThis, (await verify(bundle, genesis)).code);`;
  const said = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', input: JSON.stringify([bundle, genesis]) });
  assert.equal(said.stdout, 'false ok\n', said.stderr);
});

test('the command line answers by its exit code', t => {
  const dir = mkdtempSync(join(tmpdir(), 'verify-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const run = (vector, ...more) => {
    writeFileSync(join(dir, 'bundle.json'), vector.bundle);
    writeFileSync(join(dir, 'genesis.json'), vector.genesis);
    return spawnSync(process.execPath, [module, join(dir, 'bundle.json'), '--genesis', join(dir, 'genesis.json'), ...more], { encoding: 'utf8' });
  };
  const of = code => vectors.find(v => v.code === code);
  assert.equal(run(of('ok')).status, 0);
  assert.match(run(of('ok')).stdout, /^authentic \(ok\)/);
  assert.equal(run(of('inclusion')).status, 1);
  assert.match(run(of('inclusion')).stdout, /^not-authentic \(inclusion\)/);
  assert.equal(run(of('status-missing')).status, 2);
  assert.equal(run(of('suspended')).status, 0);
  assert.equal(run(of('suspended'), '--require-valid').status, 1);
  assert.equal(JSON.parse(run(of('suspended'), '--json').stdout).code, 'suspended');
  assert.equal(run(of('ok'), '--unknown').status, 2);
  assert.equal(spawnSync(process.execPath, [module, join(dir, 'none'), '--genesis', join(dir, 'none')]).status, 2);
});
