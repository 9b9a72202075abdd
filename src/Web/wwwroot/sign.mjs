// What a browser does for a member of the staff: passkeys and its own key are enrolled, sign in, and sign acts. A session's secret is handed back to
// whoever called and kept nowhere here.

const ask = async (path, body, session) => {
  const headers = { "content-type": "application/json", ...(session && { authorization: `Bearer ${session}` }) };
  const answer = await fetch(`/identity/v1${path}`, { method: "POST", headers, body: JSON.stringify(body ?? {}) });
  const json = answer.status === 204 ? {} : await answer.json();
  if (!answer.ok) throw Object.assign(new Error(json.detail), { code: json.code, status: answer.status });
  return json;
};

const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const bytes = (value) => /^[0-9a-f]{64}$/.test(value) ? Uint8Array.from(value.match(/../g), (b) => parseInt(b, 16)) : Uint8Array.from(atob(value.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

/** Opens an account with a one-time code; the answer holds the session to enrol keys with. */
export const openAccount = (code, name) => ask("/bootstrap", { code, name });

/** Makes a passkey on this device; the answer is what operators bind to a role. */
export async function enrolPasskey(session) {
  return ask("/passkeys", { credential: await makePasskey(await ask("/passkeys/options", {}, session)) }, session);
}

/** Makes the passkey alone, for whoever holds the session to send on. */
export async function makePasskey(options) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return (await navigator.credentials.create({ publicKey })).toJSON();
}

/** Begins a session with a passkey. */
export async function signIn() {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await ask("/passkeys/assertion/options"));
  const credential = await navigator.credentials.get({ publicKey });
  return ask("/passkeys/assertion", { credential: credential.toJSON() });
}

/** Signs one act with a passkey: `subject` is the hash that the authorization is over, in base64url; the answer stands in its `signatures`. */
export async function signAct(kid, subject) {
  const { response } = await navigator.credentials.get({ publicKey: { challenge: bytes(subject), rpId: location.hostname, userVerification: "required" } });
  return {
    kid, authenticatorData: text(response.authenticatorData), clientDataJSON: text(response.clientDataJSON), signature: text(response.signature),
  };
}

/** Makes this browser's own key, which never leaves it; kept in the browser's database under the person's pseudonym. */
export async function enrolBrowserKey(session, chain, pseudonym) {
  const { challenge } = await ask("/keys/challenge", {}, session);
  return ask("/keys", await makeBrowserKey(challenge, chain, pseudonym), session);
}

/** Makes the key and the proof that it is here, for whoever holds the session to send on. */
export async function makeBrowserKey(challenge, chain, pseudonym) {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const { crv, kty, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jwk = { crv, kty, x, y };
  const kid = text(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(jwk))));
  const payload = new TextEncoder().encode(JSON.stringify({ aud: `urn:eventledger:${chain}`, challenge }));
  const proof = { jwk, jws: await jws(pair.privateKey, kid, "sign-in+jws", payload) };
  await keep(pseudonym, { kid, key: pair.privateKey });
  return proof;
}

// Whoever shows it may have words in the person's language; the code is for them.
const foreign = (purpose) => Object.assign(new Error(`This key is for '${purpose}'; people sign with one for 'operator'.`), { code: "foreignKey", purpose });

/**
 * Begins a session with a key file. The private half is handed to the browser in a form that cannot be copied out again, and forgotten at sign-out.
 */
export async function signInWithFile(file, chain) {
  let key, half;
  try {
    const { purpose, jwk } = JSON.parse(file);
    if (purpose !== "operator") throw foreign(purpose);
    key = await crypto.subtle.importKey("jwk", { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y, d: jwk.d }, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    half = JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y });
  } catch (error) {
    throw error.code === "foreignKey" ? error : Object.assign(new Error("This is not a key file of this ledger."), { code: "noKeyFile" });
  }
  const kid = text(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(half)));
  const { challenge } = await ask("/challenge");
  const payload = new TextEncoder().encode(JSON.stringify({ aud: `urn:eventledger:${chain}`, challenge }));
  const begun = await ask("/sign-in", { jws: await jws(key, kid, "sign-in+jws", payload) });
  await keep(begun.pseudonym, { kid, key, isFile: true });
  return begun;
}

/** Forgets keys that came from files. */
export async function forgetFiles() {
  for (const name of await run("readonly", (keys) => keys.getAllKeys())) {
    if ((await kept(name))?.isFile) await run("readwrite", (keys) => keys.delete(name));
  }
}

/** Whether this browser holds a key of the person. */
export const hasKey = async (pseudonym) => Boolean(await kept(pseudonym));

/** Signs one act with this browser's key, as `signAct` does with a passkey. */
export async function signActHere(pseudonym, subject) {
  const { kid, key } = await kept(pseudonym);
  return { kid, jws: await jws(key, kid, "authorization+jws", bytes(subject)) };
}

/** Signs one act with a key file that is held no longer than that: another person's, who stands beside. */
export async function signSecond(file, subject) {
  const { purpose, jwk } = JSON.parse(file);
  if (purpose !== "operator") throw foreign(purpose);
  const key = await crypto.subtle.importKey("jwk", { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y, d: jwk.d }, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const kid = text(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }))));
  return { kid, jws: await jws(key, kid, "authorization+jws", bytes(subject)) };
}

async function jws(key, kid, typ, payload) {
  const input = `${text(new TextEncoder().encode(JSON.stringify({ alg: "ES256", kid, typ })))}.${text(payload)}`;
  return `${input}.${text(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, new TextEncoder().encode(input)))}`;
}

// A key that cannot be exported can still be stored: the browser hands out a handle to it.
const database = () => new Promise((done, failed) => {
  const opening = indexedDB.open("eventledger-keys", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
  opening.onsuccess = () => done(opening.result);
  opening.onerror = () => failed(opening.error);
});

// Only what is committed outlives the page, and whoever has signed in leaves it at once.
const run = async (mode, act) => {
  const keys = await database();
  const transaction = keys.transaction("keys", mode);
  const request = act(transaction.objectStore("keys"));
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(request.result);
    transaction.onabort = () => failed(transaction.error);
  }).finally(() => keys.close());
};

const keep = (pseudonym, entry) => run("readwrite", (keys) => keys.put(entry, pseudonym));
const kept = (pseudonym) => run("readonly", (keys) => keys.get(pseudonym));
