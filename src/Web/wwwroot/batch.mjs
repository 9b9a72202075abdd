// Many renewals from a spreadsheet. Rows, drafts and what became of each lie in this browser's database, so that a reload goes on where it stopped; a row that the
// ledger has already answers with its first receipt.
import { hasKey, signAct, signActHere } from './sign.mjs';

const AT_ONCE = 20;
const $ = (selector, root = document) => root.querySelector(selector);

let page, batch, running, rate;
const words = () => JSON.parse(page.dataset.words);
const say = (text, ...values) => (words()[text] ?? text).replace(/\{(\d)\}/g, (_, n) => values[n]);

// ---- the browser's own database

const open = () => new Promise((done, failed) => {
  const opening = indexedDB.open('eventledger-desk', 1);
  opening.onupgradeneeded = () => { opening.result.createObjectStore('batch'); opening.result.createObjectStore('rows', { keyPath: 'n' }); };
  opening.onsuccess = () => done(opening.result);
  opening.onerror = () => failed(opening.error);
});

async function store(act) {
  const database = await open();
  try {
    const transaction = database.transaction(['batch', 'rows'], 'readwrite', { durability: 'strict' });
    const value = act(transaction.objectStore('batch'), transaction.objectStore('rows'));
    await new Promise((done, failed) => { transaction.oncomplete = done; transaction.onerror = () => failed(transaction.error); });
    return value;
  } finally { database.close(); }
}

const saveRows = (rows) => store((_, all) => { for (const row of rows) all.put(row); });

async function load() {
  const requests = await store((head, all) => [head.get('now'), all.getAll()]);
  const [head, rows] = requests.map((r) => r.result);
  return head?.owner === page.dataset.pseudonym ? { ...head, rows } : undefined;
}

// ---- asking the portal

async function ask(path, body) {
  const token = $('input[name=__RequestVerificationToken]', page).value;
  const answer = await fetch(`/staff/desk/batch/${path}`, {
    method: 'POST', headers: { RequestVerificationToken: token, ...(body instanceof FormData ? {} : { 'content-type': 'application/json' }) }, body: body instanceof FormData ? body : JSON.stringify(body),
  });
  if (answer.redirected) { location.reload(); throw new Error(); }
  const json = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(json.detail), { isSaid: true });
  return json;
}

function trouble(error) {
  const box = $('[data-batch-problem]', page);
  box.hidden = false;
  $('p', box).textContent = error.isSaid ? error.message
    : error.name === 'NotAllowedError' ? say('No key was used, and nothing more was done.') : say('The ledger cannot be reached. Everything is kept here; go on in a moment.');
  box.focus();
}

// ---- what is shown

const STATES = { ready: 'Ready to sign', same: 'Nothing changes', wrong: 'Cannot be renewed', signed: 'In the ledger', refused: 'Refused' };
const count = (state) => batch.rows.filter((r) => r.state === state).length;
const unseen = () => batch.rows.filter((r) => !r.state);

function line(row) {
  const tr = document.createElement('tr');
  tr.dataset.n = row.n;
  const number = Object.assign(document.createElement('th'), { scope: 'row', textContent: row.number ?? '' });
  const changes = document.createElement('td');
  for (const change of row.changes ?? []) {
    const p = document.createElement('p');
    const after = Object.assign(document.createElement('ins'), { textContent: change.after });
    p.append(`${change.label}: ${change.before || say('nothing')} → `, after);
    changes.append(p);
  }
  const state = document.createElement('td');
  if (row.state) state.append(Object.assign(document.createElement('span'), { className: `chip ${{ signed: 'good', wrong: 'bad', refused: 'bad' }[row.state] ?? 'wait'}`, textContent: say(STATES[row.state]) }));
  if (row.seq) state.append(' ', Object.assign(document.createElement('a'), { href: `/record/${row.seq}`, textContent: say('Entry {0}', row.seq) }));
  if (row.detail) state.append(Object.assign(document.createElement('span'), { className: 'hint', textContent: row.detail }));
  tr.append(Object.assign(document.createElement('td'), { className: 'n', textContent: row.n }), number, changes, state);
  return tr;
}

function showRows(rows) {
  const body = $('[data-batch-rows]', page);
  for (const row of rows) {
    const old = $(`tr[data-n="${row.n}"]`, body);
    if (old) old.replaceWith(line(row)); else body.append(line(row));
  }
}

async function showState(text) {
  const ready = count('ready');
  $('[data-batch-status]', page).textContent = text ?? say('{0} rows: {1} ready, {2} with nothing to change, {3} wrong', batch.rows.length, ready, count('same'), count('wrong'));
  const here = $('[data-batch-sign=here]', page);
  here.textContent = say('Sign {0} renewals with the key in this browser', ready);
  here.hidden = Boolean(running) || ready === 0 || !(await hasKey(page.dataset.pseudonym));
  const touch = $('[data-batch-sign=passkey]', page);
  touch.hidden = Boolean(running) || ready === 0 || !page.dataset.passkey;
  $('[data-batch-hint=passkey]', page).hidden = touch.hidden;
  $('[data-batch-go]', page).hidden = Boolean(running) || unseen().length === 0;
  $('[data-batch-cancel]', page).hidden = !running;
  $('[data-batch-progress]', page).hidden = !running;
}

function progress(done, all) {
  $('progress', page).max = all;
  $('progress', page).value = done;
  const perSecond = done / ((performance.now() - rate) / 1000);
  $('[data-batch-rate]', page).textContent = `${say('{0} of {1}', done, all)}${done ? ` · ${say('{0} rows a second, {1} s left', perSecond.toFixed(1), Math.ceil((all - done) / perSecond))}` : ''}`;
}

// ---- the work: chunk by chunk, each kept before the next

async function work(rows, act) {
  running = { stop: false };
  rate = performance.now();
  $('[data-batch-problem]', page).hidden = true;
  await showState();
  try {
    for (let done = 0; done < rows.length && !running.stop; done += AT_ONCE) {
      progress(done, rows.length);
      const chunk = rows.slice(done, done + AT_ONCE);
      await act(chunk);
      await saveRows(chunk);
      showRows(chunk);
    }
    return !running.stop;
  } catch (error) {
    trouble(error);
    return false;
  } finally {
    running = undefined;
    await showState();
  }
}

async function draft(rows) {
  return work(rows, async (chunk) => {
    const { rows: answers, unknown } = await ask('drafts', { iss: batch.iss, vct: batch.vct, columns: batch.columns, rows: chunk.map((r) => r.cells) });
    // A signature is of one draft alone: with a new one it would be refused for good.
    chunk.forEach((row, i) => { delete row.detail; delete row.draft; delete row.signature; Object.assign(row, answers[i]); });
    const note = $('[data-batch-unknown]', page);
    note.hidden = unknown.length === 0;
    note.textContent = say('Columns that the format does not know were left aside: {0}', unknown.join(', '));
  });
}

async function sign(way) {
  const stale = batch.rows.filter((r) => r.state === 'ready' && Date.parse(r.draft.exp) < Date.now() + 60_000);
  if (stale.length && !(await draft(stale))) return;
  const finished = await work(batch.rows.filter((r) => r.state === 'ready'), async (chunk) => {
    for (const row of chunk) {
      row.signature ??= way === 'passkey' ? await signAct(page.dataset.passkey, row.draft.subject) : await signActHere(page.dataset.pseudonym, row.draft.subject);
    }
    await saveRows(chunk);
    const { rows: answers } = await ask('records', {
      records: chunk.map(({ draft: d, signature }) => ({ payload: d.payload, disclosures: d.disclosures, assertion: { nonce: d.nonce, exp: d.exp, signatures: [signature] } })),
    });
    chunk.forEach((row, i) => {
      row.state = answers[i].seq ? 'signed' : 'refused';
      if (answers[i].seq) { row.seq = answers[i].seq; delete row.draft; delete row.signature; } else row.detail = answers[i].detail;
    });
  });
  await showState(finished ? say('Done: {0} in the ledger, {1} refused.', count('signed'), count('refused')) : say('Stopped. What was signed is in the ledger; go on when you like.'));
  $('#batch-title').focus();
}

async function show() {
  $('[data-batch-work]', page).hidden = false;
  $('[data-batch-file]', page).hidden = true;
  $('#batch-title').textContent = batch.name;
  $('[data-batch-rows]', page).replaceChildren();
  showRows(batch.rows);
  await showState();
}

function download() {
  const cell = (value) => `"${String(value ?? '').replaceAll('"', '""').replace(/^([=+@-])/, "'$1")}"`;
  const lines = [say('row,number,state,entry,detail'), ...batch.rows.map((r) => [r.n, r.number, r.state, r.seq, r.detail].map(cell).join(','))];
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(new Blob([`${lines.join('\r\n')}\r\n`], { type: 'text/csv' })), download: `${batch.name.replace(/\.[^.]*$/, '')}-results.csv` });
  link.click();
  URL.revokeObjectURL(link.href);
}

async function begin(form) {
  const option = form.elements.vct.selectedOptions[0];
  const file = form.elements.file.files[0];
  try {
    const sheet = await ask('table', new FormData(form));
    batch = { owner: page.dataset.pseudonym, name: file.name, vct: option.value, iss: option.dataset.iss, columns: sheet.columns, rows: sheet.rows.map((cells, i) => ({ n: i + 1, cells })) };
    const { rows, ...head } = batch;
    await store((heads, all) => { all.clear(); heads.put(head, 'now'); for (const row of rows) all.put(row); });
    await show();
    $('#batch-title').focus();
    await draft(batch.rows);
  } catch (error) { trouble(error); }
}

document.addEventListener('submit', (event) => {
  if (!('batchFile' in event.target.dataset)) return;
  event.preventDefault();
  begin(event.target);
});

document.addEventListener('click', async (event) => {
  const { dataset } = event.target.closest?.('[data-batch] button') ?? { dataset: {} };
  if (dataset.batchSign && !running) await sign(dataset.batchSign);
  else if ('batchGo' in dataset && !running) await draft(unseen());
  else if ('batchCancel' in dataset && running) running.stop = true;
  else if ('batchDownload' in dataset) download();
  else if ('batchDrop' in dataset && !running) {
    await store((head, all) => { head.clear(); all.clear(); });
    batch = undefined;
    location.reload();
  }
});

addEventListener('beforeunload', (event) => { if (running) event.preventDefault(); });

/** Takes up what an earlier visit left. */
export async function arrive(root) {
  page = root;
  const left = await load();
  if (!left?.rows.length) return;
  batch = left;
  await show();
  if (unseen().length) await draft(unseen());
}
