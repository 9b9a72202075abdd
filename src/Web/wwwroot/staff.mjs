// What the portal does in the browser: people sign in and sign acts here, nothing that was typed is lost, and a click counts once. Listeners hang on the
// document, so they hold for whatever the page becomes.
import { signIn, openAccount, makePasskey, makeBrowserKey, signAct, signActHere, signInWithFile, forgetFiles, hasKey } from './sign.mjs';

const $ = (selector, root = document) => root.querySelector(selector);

// ---- signing in

const begin = (session) => {
  const form = $('#begin');
  form.elements.session.value = session;
  form.submit();
};

const trySignIn = async (way) => {
  const problem = $('#sign-in-problem');
  problem.hidden = true;
  try {
    begin((await way()).session);
  } catch (error) {
    problem.hidden = false;
    $('p', problem).textContent = error.name === 'NotAllowedError' ? problem.dataset.refused
      : (problem.dataset[error.code] ?? error.message).replace('{0}', error.purpose);
  }
};

const post = async (path, body) => {
  const answer = await fetch(`/identity/v1${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const json = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(json.detail), { code: json.code });
  return json;
};

document.addEventListener('change', (event) => {
  if (event.target.dataset?.signIn !== 'file' || !event.target.files[0]) return;
  trySignIn(async () => signInWithFile(await event.target.files[0].text(), $('[data-chain]').dataset.chain));
});

// ---- files

// A file is no page to go on to: the address stays that of the page. What lies outside the portal has scripts of its own, and the counter may use the camera,
// which only a page that is loaded anew is told.
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  if (link && (!/^\/staff(\/|$)/.test(link.pathname) || /^\/staff\/(file|export|desk\/counter)$/.test(link.pathname))) link.dataset.enhanceNav = 'false';
}, true);

// ---- signing acts

async function signAnAct(button) {
  const form = button.form;
  const { subject, kid, pseudonym } = form.dataset;
  const say = $('[data-sign-problem]', form);
  say.hidden = true;
  try {
    const signature = button.dataset.sign === 'passkey' ? await signAct(button.dataset.kid ?? kid, subject) : await signActHere(pseudonym, subject);
    form.elements.signature.value = JSON.stringify(signature);
    form.requestSubmit();
  } catch (error) {
    say.hidden = false;
    say.textContent = error.name === 'NotAllowedError' ? say.dataset.refused : `${say.dataset.failed} ${error.message}`;
    say.focus();
  }
}

// Only what this browser can sign with is offered; whoever is left with nothing is told what to do.
async function offerKeys() {
  for (const button of document.querySelectorAll('[data-sign="here"]')) {
    const isHere = await hasKey(button.form.dataset.pseudonym).catch(() => false);
    button.hidden = !isHere;
    $('[data-sign-none]', button.form)?.toggleAttribute('hidden', isHere);
  }
}

// ---- making keys: the page's own form sends them on, so that no script ever holds the session

async function makeKey(button) {
  const { form, dataset } = button;
  const say = $('[data-sign-problem]', form);
  say.hidden = true;
  try {
    const options = JSON.parse(dataset.options);
    if (dataset.enrol === 'passkey') form.elements.credential.value = JSON.stringify(await makePasskey(options));
    else form.elements.key.value = JSON.stringify(await makeBrowserKey(options.challenge, dataset.chain, dataset.pseudonym));
    form.requestSubmit();
  } catch (error) {
    say.hidden = false;
    say.textContent = error.name === 'NotAllowedError' ? say.dataset.refused : `${say.dataset.failed} ${error.message}`;
    say.focus();
  }
}

// ---- forms: typed text is kept until the ledger has it, and a form is sent once

// The whole address: what was typed about one thing is not offered for another.
const draftName = (form) => `draft ${location.pathname}${location.search} ${form.dataset.draft}`;

// What one person has typed is nobody else's, also where a session has run out and another signs in.
function ownDrafts() {
  const person = $('[data-person]')?.dataset.person;
  if (!person || person === sessionStorage.getItem('person')) return;
  for (const name of Object.keys(sessionStorage)) if (name.startsWith('draft ')) sessionStorage.removeItem(name);
  sessionStorage.setItem('person', person);
}

const isUntouched = (field) => (field.tagName === 'SELECT' ? field.selectedIndex === Math.max(0, [...field.options].findIndex((option) => option.defaultSelected)) : field.value === field.defaultValue && !field.validity.badInput);

const keepDraft = (form) => {
  const values = [...new FormData(form)].filter(([name, value]) => typeof value === 'string' && !name.startsWith('__') && name !== '_handler' && name !== 'signature');
  sessionStorage.setItem(draftName(form), JSON.stringify(values));
};

function restoreDrafts() {
  for (const done of document.querySelectorAll('[data-draft-done]')) {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith('draft ') && name.endsWith(` ${done.dataset.draftDone}`)) sessionStorage.removeItem(name);
  }
  for (const form of document.querySelectorAll('form[data-draft]')) {
    if (form.dataset.restored) continue;
    form.dataset.restored = 'yes';
    const kept = sessionStorage.getItem(draftName(form));
    if (!kept) continue;
    let changed = false;
    for (const [name, value] of JSON.parse(kept)) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === 'hidden' && name !== 'key') continue;
        if (field.type === 'checkbox' || field.type === 'radio') { if (field.value === value && !field.checked) { field.checked = true; changed = true; } }
        else if (isUntouched(field) || name === 'key') { changed ||= field.value !== value && name !== 'key'; field.value = value; }
      }
    }
    const note = $('[data-draft-note]', form);
    if (changed && note) note.hidden = false;
  }
}

document.addEventListener('input', (event) => { if (event.target.form?.dataset.draft) keepDraft(event.target.form); });

const unreachable = (form) => {
  let note = $('[data-unreachable]', form);
  if (!note) {
    note = document.createElement('p');
    note.dataset.unreachable = '';
    note.setAttribute('role', 'alert');
    note.className = 'verdict wait';
    form.prepend(note);
  }
  note.textContent = document.documentElement.lang === 'es'
    ? 'No se puede contactar con el registro. Lo que ha escrito está guardado aquí y no se ha hecho nada; inténtelo de nuevo.'
    : 'The ledger cannot be reached. What you typed is kept here and nothing was done; try again.';
  note.tabIndex = -1;
  note.focus();
};

document.addEventListener('submit', async (event) => {
  const form = event.target;
  const kind = form.dataset.signIn;
  if (kind) {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form));
    await trySignIn(() => (kind === 'open' ? openAccount(values.code, values.name) : post('/sign-in/password', values)));
    return;
  }
  if ('signOut' in form.dataset) {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith('draft ')) sessionStorage.removeItem(name);
    event.preventDefault();
    try {
      await forgetFiles();
      indexedDB.deleteDatabase('eventledger-desk');
    } finally {
      form.submit();
    }
    return;
  }
  if (form.method !== 'post' || 'plain' in form.dataset) return;
  if (form.dataset.sent) {
    // It is on its way once: whatever is clicked after that does nothing more.
    if (form.dataset.sent === 'once') event.preventDefault();
    form.dataset.sent = 'once';
    return;
  }
  // Is there anybody to take it? A browser's own error page would throw the form away.
  event.preventDefault();
  const submitter = event.submitter;
  form.dataset.sent = 'once';
  form.setAttribute('aria-busy', 'true');
  if (form.dataset.draft) keepDraft(form);
  let there = false;
  try { there = (await fetch('/health/live', { cache: 'no-store', signal: AbortSignal.timeout(5000) })).ok; } catch { /* Nobody. */ }
  if (!there) {
    delete form.dataset.sent;
    form.removeAttribute('aria-busy');
    unreachable(form);
    return;
  }
  form.dataset.sent = 'now';
  form.requestSubmit(submitter);
});

// Back from the next page: the form may be sent again, with the same key, so that it does nothing twice.
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) { delete form.dataset.sent; form.removeAttribute('aria-busy'); }
});

// ---- clicks and keys

// From what is wrong one gets to where it is mended; a change of the page in place would only scroll there.
document.addEventListener('click', (event) => {
  const place = event.target.closest?.('[role=alert] a[href*="#"]');
  const target = place && document.getElementById(new URL(place.href).hash.slice(1));
  if (!target) return;
  event.preventDefault();
  event.stopPropagation();
  target.focus();
}, true);

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('button');
  if (!button) return;
  if (button.dataset.signIn === 'passkey') trySignIn(signIn);
  else if (button.dataset.sign) signAnAct(button);
  else if (button.dataset.enrol) makeKey(button);
  else if ('shortcuts' in button.dataset) $('#shortcuts').showModal();
  else if ('copyFrom' in button.dataset) {
    navigator.clipboard.writeText($(`#${button.dataset.copyFrom}`).textContent);
    button.dataset.was ??= button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = button.dataset.was; }, 2000);
  } else if ('print' in button.dataset) print();
});

let before = '';
document.addEventListener('keydown', (event) => {
  if (event.target.closest?.('input, textarea, select, [contenteditable]') || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '/') { event.preventDefault(); $('#find')?.focus(); }
  else if (event.key === '?') $('#shortcuts')?.showModal();
  else if (event.key === 'h' && before === 'g') location.assign('/staff');
  before = event.key;
});

// ---- times in the reader's zone, UTC on focus and hover

// The text is changed in its own node, for the page may come back to that; a time that the page changes is written anew.
function localTimes() {
  for (const time of document.querySelectorAll('time[datetime]')) {
    if (time.dataset.local === time.dateTime) continue;
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.dataset.local = time.dateTime;
    time.title = `${at.toISOString().replace('T', ' ').slice(0, 19)} UTC`;
    time.tabIndex = 0;
    if (time.firstChild?.nodeType !== Node.TEXT_NODE) time.prepend('');
    time.firstChild.data = new Intl.DateTimeFormat(document.documentElement.lang === 'es' ? 'es-ES' : 'en-GB', { dateStyle: 'medium', timeStyle: 'medium' }).format(at);
  }
}

function arrive() {
  ownDrafts();
  restoreDrafts();
  offerKeys();
  localTimes();
  if (matchMedia('(max-width: 60rem)').matches) $('.places details')?.removeAttribute('open');
  $('[data-focus]')?.focus();
  // What only a registrar needs is fetched where a registrar is.
  if ($('[data-desk]')) import('./desk.mjs').then((desk) => desk.arrive());
  if ($('svg[data-plot-from]')) import('./plots.mjs');
  if ($('[data-consistency]')) import('./consistency-page.mjs').then((page) => page.arrive());
}

new MutationObserver(localTimes).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['datetime'] });
arrive();
// Links within the portal change the page without loading it anew; what a page needs when it comes is done then, too.
globalThis.Blazor?.addEventListener('enhancedload', arrive);

// ---- a form that shows while one types what would come of it: the same answer that its button gives, taken over in place

// Of several answers under way only the last one counts: an older one could come after it.
let typing, asking;
document.addEventListener('input', (event) => {
  const form = event.target.form;
  if (!form?.dataset.live) return;
  clearTimeout(typing);
  typing = setTimeout(async () => {
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(location.href, { method: 'POST', body: new FormData(form), signal: AbortSignal.any([asking.signal, AbortSignal.timeout(10000)]) });
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(form.dataset.live);
      if (answer.ok && fresh) document.getElementById(form.dataset.live).replaceChildren(...fresh.childNodes);
    } catch { /* The ledger is away for a moment; the next letter asks again. */ }
  }, 300);
});
