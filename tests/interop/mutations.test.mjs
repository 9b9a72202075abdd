import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verify } from '../../src/Web/wwwroot/verify.mjs';
import { cases } from './cases.mjs';
import { apply, other } from './mutations.mjs';

test('one changed character, anywhere, is refused', async () => {
  const { genesis, bundle } = [...cases()].find(c => c.name === 'a record with a valid status');
  const file = Buffer.from(genesis);
  for (let at = 0; at < bundle.length; at++) {
    const { verdict } = await verify(Buffer.from(apply(bundle, { at, remove: 1, insert: other(bundle[at]) })), file);
    const isVersion = bundle.slice(at - 4, at) === '"v":';
    assert.equal(verdict, isVersion ? 'cannot-tell' : 'not-authentic', `character ${at}: …${bundle.slice(at - 20, at + 20)}…`);
  }
});
