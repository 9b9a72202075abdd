// Checks the proof that the page is about. The file is the same that can be downloaded.
import { verifyConsistency } from './consistency.mjs';

async function check(place) {
  const head = place.querySelector('.headline');
  const say = (kind, title, text) => {
    place.className = `verdict ${kind}`;
    head.textContent = title;
    place.append(Object.assign(document.createElement('p'), { textContent: text }));
    place.focus();
  };
  try {
    const paths = [`/staff/file?path=${encodeURIComponent(place.dataset.consistency)}`, '/ledger/v1/genesis'];
    const [proof, genesis] = await Promise.all(paths.map(async path => {
      const answer = await fetch(path);
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      return new Uint8Array(await answer.arrayBuffer());
    }));
    const { verdict, code, text, first, second } = await verifyConsistency(proof, genesis);
    const number = n => n.toLocaleString(document.documentElement.lang);
    if (verdict === 'authentic') say('good', place.dataset.good, place.dataset.saying.replace('{0}', number(first.size)).replace('{1}', number(second.size)));
    else say(verdict === 'cannot-tell' ? 'wait' : 'bad', verdict === 'cannot-tell' ? place.dataset.open : place.dataset.bad, `${text} (${code})`);
  } catch (error) {
    say('wait', place.dataset.open, error.message);
  }
}

export function arrive() {
  for (const place of document.querySelectorAll('[data-consistency]:not([data-checked])')) {
    place.dataset.checked = '';
    check(place);
  }
}
