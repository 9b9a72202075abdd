// What the README promises a newcomer, done as written. A block that starts with ```sh doctest is run, command by command.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { command, Ledger, root } from "./ledger.mjs";

const pages = ["README.md", ...readdirSync(join(root, "docs"), { recursive: true }).filter((name) => name.endsWith(".md")).map((name) => join("docs", name))];
const blocks = pages.flatMap((page) =>
  [...readFileSync(join(root, page), "utf8").matchAll(/^```sh doctest\n(.*?)^```$/gms)].map((match, i) => ({ name: `${page} block ${i + 1}`, text: match[1] })),
);

let ledger;
before(async () => {
  mkdirSync(join(root, "artifacts"), { recursive: true });
  ledger = await Ledger.start();
});
after(async () => {
  await ledger?.stop();
  ledger?.remove();
});

test("the README has commands to run", () => assert.ok(blocks.some((block) => block.name.startsWith("README"))));

for (const block of blocks) {
  test(`the commands work as written: ${block.name}`, async () => {
    const script = block.text.replaceAll("http://localhost:8080", ledger.url).replaceAll(/(?<= )\.data\b/g, ledger.data);
    const { code, output } = await command("bash", ["-euo", "pipefail", "-c", script], { env: { ...process.env, LEDGER_URL: ledger.url } });
    assert.equal(code, 0, output);
  });
}

test("within a minute the whole sample is sealed", async () => {
  const until = Date.now() + 60_000;
  let sealed;
  do {
    sealed = await ledger.json("/u2s/v1/records?state=sealed&format=mobile-food-location&limit=1");
  } while (sealed.total < 488 && Date.now() < until);
  assert.equal(sealed.total, 488);
});

test("a second ./run on the same folder is refused, and disturbs nothing", async () => {
  const { code, output } = await command("./run", ["--port", "0", "--data", ledger.data]);
  assert.notEqual(code, 0);
  const second = await command("./run", ["--port", "65000", "--data", ledger.data]);
  assert.equal(second.code, 1, output);
  assert.match(second.output, /is in use/);
  await ledger.json("/ledger/v1/head");
});

test("it stops cleanly, and starts again where it was", async () => {
  const head = await ledger.json("/ledger/v1/head");
  assert.equal(await ledger.stop(), 0);
  await ledger.run();
  const again = await ledger.json("/ledger/v1/head");
  assert.ok(again.size >= head.size);
  assert.ok(!ledger.lines.some((line) => line.includes("sample")), "the sample is loaded once");
});
