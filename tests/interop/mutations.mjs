// Every small way to change a bundle's text: each value, each member, each list item, each sign of form. A mutation is one edit
// {name, at, remove, insert} of an ASCII text, so that verifiers in other languages judge the very same bytes.

const SCALAR = /"[^"\\]*(?:\\.[^"\\]*)*"|[^,:}\]]+/y;

/** A node of canonical JSON with its place in the text. */
function read(text, at = 0, path = '') {
  const node = { path, start: at, kids: [] };
  if (text[at] === '{' || text[at] === '[') {
    node.kind = text[at] === '{' ? 'object' : 'array';
    for (let i = 0; !'}]'.includes(text[++at]);) {
      const start = at;
      let name = `${i++}`;
      if (node.kind === 'object') {
        const string = read(text, at);
        name = JSON.parse(text.slice(string.start, string.end));
        at = string.end + 1;
      }
      const kid = read(text, at, path ? `${path}.${name}` : name);
      node.kids.push({ ...kid, name, from: start });
      at = kid.end;
      if (text[at] !== ',') break;
    }
    node.end = at + 1;
  } else {
    SCALAR.lastIndex = at;
    const [whole] = SCALAR.exec(text);
    node.kind = whole[0] === '"' ? 'string' : 'plain';
    node.end = at + whole.length;
  }
  return node;
}

const flat = node => [node, ...node.kids.flatMap(flat)];

/** Another character of the same class, so that the form stays good and only the value is wrong. */
export function other(c) {
  if (/[0-9]/.test(c)) return c === '9' ? '1' : String(Number(c) + 1);
  if (/[a-f]/.test(c)) return c === 'f' ? 'a' : String.fromCharCode(c.charCodeAt(0) + 1);
  if (/[A-Z]/.test(c)) return c === 'Z' ? 'B' : String.fromCharCode(c.charCodeAt(0) + 1);
  if (/[g-z]/.test(c)) return c === 'z' ? 'g' : String.fromCharCode(c.charCodeAt(0) + 1);
  return c === '-' ? '_' : '-';
}

export function* mutations(text) {
  const root = read(text);
  const change = (name, at) => ({ name, at, remove: 1, insert: other(text[at]) });
  for (const node of flat(root)) {
    const what = node.path || 'the bundle';
    if (node.kind === 'string') {
      const [start, end] = [node.start + 1, node.end - 1];
      for (const at of new Set([start, Math.floor((start + end) / 2), end - 1])) yield change(`${what}: character ${at - start} changed`, at);
      yield { name: `${what}: cut`, at: end - 1, remove: 1, insert: '' };
      yield { name: `${what}: longer`, at: end, remove: 0, insert: 'A' };
      yield { name: `${what}: padded`, at: end, remove: 0, insert: '=' };
      yield { name: `${what}: empty`, at: start, remove: end - start, insert: '' };
      yield { name: `${what}: null`, at: node.start, remove: node.end - node.start, insert: 'null' };
      if (/^[0-9a-f]{64}$/.test(text.slice(start, end))) {
        for (let at = start; at < end; at += 7) yield change(`${what}: digit ${at - start} changed`, at);
        const upper = text.slice(start, end).toUpperCase();
        if (/[A-F]/.test(upper)) yield { name: `${what}: upper case`, at: start, remove: 64, insert: upper };
      }
      if (what === 'record' || what === 'entry.data.record') {
        for (let at = start + 5; at < end; at += 23) yield change(`${what}: character ${at - start} changed`, at);
      }
    } else if (node.kind === 'plain') {
      yield change(`${what}: changed`, node.start);
      yield { name: `${what}: as text`, at: node.start, remove: node.end - node.start, insert: `"${text.slice(node.start, node.end)}"` };
      yield { name: `${what}: negative`, at: node.start, remove: 0, insert: '-' };
      yield { name: `${what}: with a fraction`, at: node.end, remove: 0, insert: '.5' };
      yield { name: `${what}: with a fraction of zero`, at: node.end, remove: 0, insert: '.0' };
      yield { name: `${what}: beyond 2^53`, at: node.start, remove: node.end - node.start, insert: '9007199254740993' };
    } else {
      yield { name: `${what}: a space inside`, at: node.start + 1, remove: 0, insert: ' ' };
      yield { name: `${what}: emptied`, at: node.start + 1, remove: node.end - node.start - 2, insert: '', same: node.kids.length === 0 };
      yield* ofKids(text, node, what);
    }
  }
  for (const insert of ['\n', ' ', '{}', ',']) yield { name: `after it: ${JSON.stringify(insert)}`, at: text.length, remove: 0, insert };
  yield { name: 'before it: a space', at: 0, remove: 0, insert: ' ' };
}

function* ofKids(text, node, what) {
  const unknown = node.kind === 'object' ? '"~":1' : '"~"';
  yield { name: `${what}: one more`, at: node.end - 1, remove: 0, insert: node.kids.length ? `,${unknown}` : unknown };
  for (const [i, kid] of node.kids.entries()) {
    const own = text.slice(kid.from, kid.end);
    // A comma goes with it: the one after, or for the last one the one before.
    const [from, to] = i + 1 < node.kids.length ? [kid.from, kid.end + 1] : [kid.from - (i > 0 ? 1 : 0), kid.end];
    yield { name: `${kid.path}: removed`, at: from, remove: to - from, insert: '' };
    yield { name: `${kid.path}: twice`, at: kid.end, remove: 0, insert: `,${own}` };
    if (node.kind === 'object') {
      yield { name: `${kid.path}: renamed`, at: kid.from + 1, remove: 1, insert: other(text[kid.from + 1]) };
      yield { name: `${kid.path}: as a list`, at: kid.start, remove: kid.end - kid.start, insert: '[]', same: text.slice(kid.start, kid.end) === '[]' };
      yield { name: `${kid.path}: a space before the value`, at: kid.start, remove: 0, insert: ' ' };
    }
    if (i > 0) {
      const before = node.kids[i - 1];
      const swapped = `${own},${text.slice(before.from, before.end)}`;
      yield { name: `${kid.path}: before the one before`, at: before.from, remove: kid.end - before.from, insert: swapped, same: swapped === text.slice(before.from, kid.end) };
    }
  }
}

export const apply = (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove);

/** What a mutation must be judged: refused, but for a version (unknown) and a signature or status that may as well be absent. */
export function expected({ name, same }, needsStatus) {
  if (same) return 'authentic';
  if (/(^|\.)v: (changed|as text|as a list|negative|with a fraction)$/.test(name)) return 'cannot-tell';
  if (name === 'status: removed') return needsStatus ? 'cannot-tell' : 'not-authentic';
  // Three of four are still more than two thirds.
  if (/^((sets\.\d+|status)\.)?(commit\.)?signatures\.\d+: removed$/.test(name)) return 'authentic';
  return 'not-authentic';
}
