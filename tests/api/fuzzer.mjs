// Requests made from an OpenAPI document: some as it says, most a little or entirely wrong.
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";
import fc from "fast-check";
import { Agent, request } from "node:http";

const concurrency = 16;
const patienceMs = 20_000;
const methods = ["get", "post", "put", "patch", "delete"];
// Streams that stay open by design.
const isEndless = (path) => path.startsWith("/v2m/live");

const odd = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ maxLength: 400 }),
  fc.constantFrom("", "0", "-1", "1", "7", "2147483648", "9223372036854775807", "9223372036854775808", "1e9", "NaN", "null", "true", "%25", "..", "../../etc/passwd", "'", '";--', "\u202e", "𝒳", "a".repeat(3000)),
  fc.integer().map(String),
  fc.constantFrom("21MFF-00015", "mobile-food-location", "licences", "source-", "operators", "https://sf.example", "2026-01-01T00:00:00.000Z"),
);
const body = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.constantFrom("", "{", "[]", "{}", "null", '"x"', "{\"a\":1,\"a\":2}", "[".repeat(5000), "a.b.c~", "eyJhbGciOiJub25lIn0.e30.~", "\u0000"),
  fc.string({ unit: "binary", maxLength: 500 }),
  fc.dictionary(fc.constantFrom("type", "stream", "expectedVersion", "data", "operation", "parameters", "from", "where", "fields", "members", "id", "kind", "purpose"), fc.jsonValue({ maxDepth: 3 })).map((v) => JSON.stringify(v)),
);
const mediaTypes = ["application/json", "application/dc+sd-jwt", "application/vnd.eventledger.sd-jwt-lines", "text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=utf-16", "x"];

export class Fuzzer {
  #agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  #operations = [];
  #schemas = new Map();
  #ajv = new Ajv({ strict: false, allErrors: false });

  /** @param token names of identities to their bearer tokens; some requests carry one. */
  constructor(url, document, seed, tokens = []) {
    this.url = new URL(url);
    this.seed = seed;
    this.tokens = tokens;
    formats(this.#ajv);
    this.#ajv.addSchema({ $id: "api", ...document });
    for (const [path, item] of Object.entries(document.paths)) {
      if (isEndless(path)) continue;
      for (const method of methods.filter((m) => item[m])) {
        this.#operations.push({ path, method, parameters: item[method].parameters ?? [], media: Object.keys(item[method].requestBody?.content ?? {}) });
        for (const [status, answer] of Object.entries(item[method].responses ?? {})) {
          for (const type of Object.keys(answer.content ?? {})) {
            const pointer = ["paths", path, method, "responses", status, "content", type, "schema"].map((p) => encodeURIComponent(p.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
            if (answer.content[type].schema) this.#schemas.set(`${method} ${path} ${status} ${type}`, this.#ajv.compile({ $ref: `api#/${pointer}` }));
          }
        }
      }
    }
  }

  async run(count) {
    const faults = [], statuses = new Map();
    const cases = fc.sample(this.#arbitrary(), { numRuns: count, seed: this.seed });
    let next = 0, sent = 0;
    const worker = async () => {
      for (let i; (i = next++) < cases.length; ) {
        const fault = await this.#send(cases[i], statuses);
        sent++;
        if (fault && faults.length < 5) faults.push(fault);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    this.#agent.destroy();
    return { sent, faults, statuses };
  }

  #arbitrary() {
    return fc.constantFrom(...this.#operations).chain((operation) => {
      const values = Object.fromEntries(operation.parameters.map((p) => [p.name, odd]));
      return fc.record({
        operation: fc.constant(operation),
        values: fc.record(values, { requiredKeys: operation.parameters.filter((p) => p.in === "path").map((p) => p.name) }),
        body: ["post", "put", "patch"].includes(operation.method) ? fc.oneof(body, body, fc.constant(undefined)) : fc.constant(undefined),
        media: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...(operation.media.length ? operation.media : mediaTypes)) }, { weight: 1, arbitrary: fc.constantFrom(...mediaTypes) }),
        headers: fc.dictionary(fc.constantFrom("prefer", "if-match", "if-none-match", "accept", "idempotency-key", "x-correlation-id", "range"), fc.constantFrom("wait=1", "return=minimal", '"x"', "*", "text/html", "application/json", "é", "wait=-1", "bytes=0-1", "a".repeat(100)), { maxKeys: 2 }),
        token: this.tokens.length ? fc.option(fc.constantFrom(...this.tokens), { freq: 2 }) : fc.constant(null),
      });
    });
  }

  #send({ operation, values, body, media, headers, token }, statuses) {
    let path = operation.path;
    const query = new URLSearchParams();
    for (const parameter of operation.parameters) {
      const value = values[parameter.name];
      if (value === undefined) continue;
      if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(value.toWellFormed().replaceAll("\0", "").replace(/^\.+$/, "")) || "x");
      else if (parameter.in === "query") query.set(parameter.name, value.toWellFormed());
    }
    const target = path + (query.size ? `?${query}` : "");
    const label = `${operation.method} ${target.slice(0, 300)} ${JSON.stringify(body ?? null).slice(0, 200)} ${media}`;
    const sent = { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { "content-type": media }) };
    for (const name of Object.keys(sent)) if (!sent[name] || /[^\x20-\x7e]/.test(sent[name])) delete sent[name];
    return new Promise((resolve) => {
      const call = request({ host: this.url.hostname, port: this.url.port, path: target, method: operation.method.toUpperCase(), headers: sent, agent: this.#agent, timeout: patienceMs }, (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => {
          statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
          resolve(this.#judge(operation, answer, Buffer.concat(parts).toString(), label, sent.accept === "text/html"));
        });
        answer.on("error", (e) => resolve(`${label}: the answer broke off: ${e.message}`));
      });
      call.on("timeout", () => call.destroy(new Error(`no answer within ${patienceMs} ms`)));
      call.on("error", (e) => resolve(`${label}: ${e.message}`));
      call.end(body);
    });
  }

  #judge(operation, answer, text, label, asksForPage) {
    const status = answer.statusCode, type = (answer.headers["content-type"] ?? "").split(";")[0];
    if (status >= 500) return `${label}: ${status} ${text.slice(0, 300)}`;
    // What is longer than a request line may be, the server refuses before the application sees it.
    if (status === 414 || status === 431) return null;
    // A browser gets a page where a program gets a problem document.
    if (status >= 400 && type === "text/html" && asksForPage) return null;
    if (status >= 400 && type !== "application/problem+json") return `${label}: ${status} is no problem document but ${type}`;
    if (type !== "application/json" && !type.endsWith("+json")) return null;
    let value;
    try {
      value = JSON.parse(text);
    } catch {
      return text === "" ? null : `${label}: ${status} is no JSON: ${text.slice(0, 200)}`;
    }
    const key = `${operation.method} ${operation.path}`;
    const schema = this.#schemas.get(`${key} ${status} ${type}`) ?? (status >= 400 ? this.#schemas.get(`${key} default ${type}`) : undefined);
    return schema && !schema(value) ? `${label}: ${status} breaks its schema: ${JSON.stringify(schema.errors).slice(0, 300)}` : null;
  }
}
