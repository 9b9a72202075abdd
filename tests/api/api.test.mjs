// The interface from outside: its own document is linted, and drives requests that nobody would send on purpose.
//
// FUZZ_REQUESTS says how many (3 000 in ./test; 100 000 and more by hand), FUZZ_SEED repeats a run.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { command, Ledger, root } from "../docs/ledger.mjs";
import { Fuzzer } from "./fuzzer.mjs";
import { referencePoints } from "./points.mjs";

const requests = Number(process.env.FUZZ_REQUESTS ?? 3000);
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

let ledger, document, tokens;
before(async () => {
  mkdirSync(join(root, "artifacts"), { recursive: true });
  ledger = await Ledger.start();
  document = await ledger.json("/openapi/v1.json");
  tokens = [];
  // An operator's own tokens reach what strangers do not.
  const env = { ...process.env, LEDGER_URL: ledger.url, HOME: ledger.data, XDG_STATE_HOME: ledger.data, XDG_CONFIG_HOME: ledger.data };
  const run = async (...words) => {
    const { code, output } = await command("./ledger", words, { env });
    assert.equal(code, 0, output);
    return output.trim();
  };
  await run("login", "--key", join(ledger.data, "operators", "operator-1.json"));
  for (const point of ["o2c", "u2s"]) tokens.push((await run("token", "--point", point)).split("\n").at(-1));
});
after(async () => {
  await ledger?.stop();
  ledger?.remove();
});

test("[N-6.2.6-a] the OpenAPI document passes the linter", async () => {
  const file = join(ledger.data, "openapi.json");
  writeFileSync(file, JSON.stringify(document, null, 1));
  const { code, output } = await command("node", ["node_modules/@redocly/cli/bin/cli.js", "lint", "--config", "redocly.yaml", file], {
    cwd: join(root, "tests", "api"),
    env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
  });
  assert.equal(code, 0, output);
});

test("[D-7.3-all] docs/reference-points.md is what the contracts say (EVENTLEDGER_ACCEPT_POINTS=1 writes it)", () => {
  const file = join(root, "docs", "reference-points.md");
  const made = referencePoints(document, root);
  if (process.env.EVENTLEDGER_ACCEPT_POINTS === "1") writeFileSync(file, made);
  assert.equal(readFileSync(file, "utf8"), made);
});

test(`${requests} requests of any form bring no 5xx, no silence and no answer that breaks its schema (seed ${seed})`, async (t) => {
  const fuzzer = new Fuzzer(ledger.url, document, seed, tokens);
  const { sent, faults, statuses } = await fuzzer.run(requests);
  assert.equal(sent, requests);
  t.diagnostic(`answers by status: ${[...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`).join(', ')}`);
  assert.deepEqual(faults, [], `seed ${seed}`);
  // It reached both what works and what is refused.
  assert.ok((statuses.get(200) ?? 0) > requests / 50, JSON.stringify([...statuses]));
  assert.ok((statuses.get(400) ?? 0) > requests / 50, JSON.stringify([...statuses]));
  await ledger.json("/health/ready");
});
