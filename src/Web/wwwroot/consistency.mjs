// Checks that the log at one time is the beginning of the log at another, with nothing but the genesis file: the twin of what `./ledger verify` does with the same file.
// It stands on the light verifier beside it, which knows what a signed block is.
import { canonical, checkSeal, COMMIT, demand, digest, genesisSet, HEADER, hex, MEMBER, misfit, object, one, parse, readGenesis, Refusal, same, setAt, sha256, unhex, utf8, walkSets } from './verify.mjs';

const HEAD = { header: HEADER, commit: COMMIT };
const BUNDLE = { v: one, first: HEAD, second: HEAD, path: [digest], sets: [{ header: HEADER, commit: COMMIT, next: [MEMBER] }] };

/** RFC 9162 section 2.1.4.2. Sizes may exceed 32 bits, so no bit operators. */
async function extended(first, second, path) {
  const half = n => Math.floor(n / 2);
  if (first.size === second.size) return path.length === 0 && first.root === second.root;
  if (first.size < 1 || first.size > second.size || path.length === 0) return false;
  let [index, last] = [first.size - 1, second.size - 1];
  while (index % 2 === 1) [index, last] = [half(index), half(last)];
  // A tree of a power of two is whole: its root is the first step and is not sent.
  const steps = path.map(unhex);
  if (index === 0) steps.unshift(unhex(first.root));
  let [before, after] = [steps[0], steps[0]];
  for (const sibling of steps.slice(1)) {
    if (last === 0) return false;
    if (index % 2 === 1 || index === last) {
      [before, after] = [await sha256([1], sibling, before), await sha256([1], sibling, after)];
      while (index % 2 === 0 && index !== 0) [index, last] = [half(index), half(last)];
    } else {
      after = await sha256([1], after, sibling);
    }
    [index, last] = [half(index), half(last)];
  }
  return last === 0 && hex(before) === first.root && hex(after) === second.root;
}

/** Answers {verdict, code, text, first?, second?} like the light verifier. */
export async function verifyConsistency(bytes, genesisBytes) {
  try {
    const { genesis, whole } = readGenesis(genesisBytes);
    if (!whole) throw new Refusal('chain', 'The genesis file is not one.', true);
    const bundle = parse(bytes);
    demand(object(bundle), 'not-json');
    demand(bundle.v === 1, 'version');
    demand(same(utf8(canonical(bundle)), bytes), 'not-canonical');
    demand(misfit(bundle, BUNDLE, 'bundle') === null, 'members');
    const chain = `${genesis.name}-${hex(await sha256(genesisBytes)).slice(0, 16)}`;
    const history = [{ above: 0, set: await genesisSet(genesis) }];
    await walkSets(chain, bundle, history);
    const { first: { header: first }, second: { header: second } } = bundle;
    await checkSeal(chain, first, bundle.first.commit, setAt(history, first.height));
    await checkSeal(chain, second, bundle.second.commit, setAt(history, second.height));
    demand(bundle.sets.every(s => s.header.height < second.height), 'set-chain', 'A change of validators lies beyond the blocks in use.');
    demand(first.height <= second.height && first.time <= second.time, 'header', 'The first head is not the earlier one.');
    demand(await extended(first, second, bundle.path), 'inclusion', 'The path does not show that the later log begins with the earlier one.');
    return { verdict: 'authentic', code: 'ok', text: '', first, second };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { verdict: refusal.open ? 'cannot-tell' : 'not-authentic', code: refusal.code, text: refusal.message };
  }
}
