import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verify } from '../../src/Web/wwwroot/verify.mjs';
import { cases } from './cases.mjs';
import { apply, expected, mutations, other } from './mutations.mjs';

const BASES = ['every value disclosed, nested and in an array', 'the validators changed after the record', 'a record with a valid status'];

for (const { name, genesis, bundle } of [...cases()].filter(c => BASES.includes(c.name))) {
  const file = Buffer.from(genesis);
  test(`${name}: every mutation is refused`, async () => {
    const all = [...mutations(bundle)];
    assert.ok(all.length >= 300, `${all.length} mutations`);
    for (const mutation of all) {
      const { verdict, code } = await verify(Buffer.from(apply(bundle, mutation)), file);
      assert.equal(verdict, expected(mutation, name === 'a record with a valid status'), `${mutation.name} (${code})`);
    }
  });
}

test('one changed character, anywhere, is refused', async () => {
  const { genesis, bundle } = [...cases()].find(c => c.name === 'a record with a valid status');
  const file = Buffer.from(genesis);
  for (let at = 0; at < bundle.length; at++) {
    const { verdict } = await verify(Buffer.from(apply(bundle, { at, remove: 1, insert: other(bundle[at]) })), file);
    const isVersion = bundle.slice(at - 4, at) === '"v":';
    assert.equal(verdict, isVersion ? 'cannot-tell' : 'not-authentic', `character ${at}: …${bundle.slice(at - 20, at + 20)}…`);
  }
});
