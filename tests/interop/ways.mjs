// Bundles over several changes of the validators: whole ways, and ways with one step forged.
import { TestLedger, record } from './maker.mjs';

/** A ledger that changes validators at blocks 3, 5 and 7, by every kind of change, with records before and after; the status is as of block 9. */
function changeThrice(s) {
  const { ledger } = s;
  const sets = [ledger.set];
  const change = next => (ledger.seal({ next }), ledger.seal(), sets.push(next));
  change([...ledger.set, ledger.newValidator('v5')]);
  change([...ledger.set.slice(1, 4), { ...ledger.set[4], power: 3 }]);
  const rotated = ledger.newValidator('v2');
  rotated.keys.transport = ledger.set[0].keys.transport;
  change([rotated, ...ledger.set.slice(1)]);
  const sdjwt = record(ledger.source, ledger.payload());
  const entry = ledger.submit(sdjwt);
  ledger.seal();
  return { ...s, sets, late: { sdjwt, entry }, status: ledger.status(s.entry) };
}

export function* ways(made, scene) {
  const s = changeThrice(scene);
  const { ledger, sets, late } = s;
  const before = () => structuredClone(s.bundle({ status: s.status }));
  const after = () => structuredClone(ledger.bundle(late.sdjwt, late.entry));
  const judge = (name, code, bundle, change) => {
    change(bundle);
    return made(name, code, bundle, ledger);
  };
  yield made('three changes of validators after the record', 'ok', before(), ledger);
  yield made('three changes of validators before the record', 'ok', after(), ledger);
  for (const [i, which] of ['first', 'second', 'third'].entries()) {
    yield judge(`the ${which} of three changes is left out`, 'header', after(), b => { b.sets.splice(i, 1); });
    // Whoever stays at the second change is in both sets, and they are more than two thirds of the one before.
    const code = i === 1 ? 'ok' : 'commit';
    yield judge(`the ${which} of three changes signed by the members after it`, code, after(), b => { b.sets[i].commit = ledger.commit(b.sets[i].header, sets[i + 1]); });
    yield judge(`the ${which} of three changes with another power`, 'set-chain', after(), b => { b.sets[i].next[0].power += 1; });
    yield judge(`the ${which} of three changes with a member more`, 'set-chain', after(), b => { b.sets[i].next.push(TestLedger.members([ledger.newValidator('x')])[0]); });
  }
  yield judge('a set in the place of another', 'set-chain', after(), b => { b.sets[1].next = b.sets[0].next; });
  yield judge('the block of a record signed by the set before', 'commit', after(), b => { b.commit = ledger.commit(b.header, sets[2]); });
  yield judge('a block that the genesis validators made after they had gone', 'header', after(), b => {
    b.header.validators = TestLedger.setHash(sets[0]);
    b.header.nextValidators = b.header.validators;
    b.commit = ledger.commit(b.header, sets[0]);
  });
  yield judge('a change that those who had gone made', 'header', after(), b => {
    const header = { ...b.sets[2].header, validators: TestLedger.setHash(sets[0]) };
    b.sets[2] = { header, commit: ledger.commit(header, sets[0]), next: b.sets[2].next };
  });
  // v5 has three of six votes: two of the others with it are more than two thirds, the three others without it are half.
  yield judge('most of the heads and not of the power', 'quorum', after(), b => { b.sets[2].commit = ledger.commit(b.sets[2].header, sets[2].slice(0, 3)); });
  yield judge('few heads and most of the power', 'ok', after(), b => { b.sets[2].commit = ledger.commit(b.sets[2].header, sets[2].slice(1)); });
  yield judge('a status by the keys of before a rotation', 'status-signature', before(), b => { b.status = ledger.status(s.entry, undefined, {}, sets[2].map(v => v.keys.status)); });
  const [one] = TestLedger.members([ledger.newValidator('x')]);
  const crowd = Array.from({ length: 32 }, () => ({ ...ledger.newValidator('x'), power: 2 ** 53 - 1 }));
  yield judge('a set of 32', 'set-chain', after(), b => { b.sets[0].next = TestLedger.members(crowd); });
  yield judge('a power of zero', 'set-chain', after(), b => { b.sets[0].next = [{ ...one, power: 0 }]; });
}
