import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { history, stages } from "./dockerfile.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const read = (path) => readFileSync(join(root, path), "utf8");
const document = parseDocument(read("docker/compose.yaml"), { merge: true, strict: true, uniqueKeys: true });
const compose = document.toJS();
const services = Object.entries(compose.services).filter(([, service]) => !service.profiles?.includes("setup"));
const { setup } = compose.services;
const images = stages(read("docker/Dockerfile"));
const every = (predicate) => services.filter(([, service]) => !predicate(service)).map(([name]) => name);

test("the compose file is valid YAML without doubt", () => {
  assert.deepEqual([...document.errors, ...document.warnings], []);
});

test("it has PostgreSQL, four validators with a volume each, and the host", () => {
  assert.deepEqual(services.map(([name]) => name), ["postgres", "validator-1", "validator-2", "validator-3", "validator-4", "web"]);
  assert.equal(new Set(services.flatMap(([, service]) => service.volumes)).size, services.length);
});

test("every service is hardened, bounded and pinned", () => {
  assert.deepEqual(every((s) => s.read_only === true && s.cap_drop.includes("ALL")), []);
  assert.deepEqual(every((s) => s.security_opt.includes("no-new-privileges:true") && !s.privileged), []);
  assert.deepEqual(every((s) => s.mem_limit && s.pids_limit && s.logging.options["max-size"]), []);
  assert.deepEqual(every((s) => /:\d/.test(s.image)), []);
});

test("the setup that makes keys has no network, no privilege, and every volume but the database's", () => {
  assert.equal(setup.network_mode, "none");
  assert.ok(setup.read_only && setup.cap_drop.includes("ALL"));
  const filled = setup.volumes.map((volume) => volume.split(":")[0]);
  assert.deepEqual(filled.sort(), Object.keys(compose.volumes).filter((name) => name !== "postgres").sort());
  const made = history(images, "cli").map((step) => step.rest).join("\n");
  for (const volume of setup.volumes) assert.ok(made.includes(volume.split(":")[1]), volume);
});

test("the setup makes folders that belong together, once", () => {
  const folder = mkdtempSync(join(tmpdir(), "eventledger-setup-"));
  for (const volume of setup.volumes) mkdirSync(join(folder, volume.split(":")[0]));
  const run = () => execFileSync(join(root, "docker/setup"), [folder], { env: { ...process.env, LEDGER: join(root, "ledger") }, encoding: "utf8" });
  assert.match(run(), /4 validators/);
  const genesis = readFileSync(join(folder, "host/genesis.json"), "utf8");
  const { validators, operators } = JSON.parse(genesis);
  assert.deepEqual(validators.map((v) => v.address), [1, 2, 3, 4].map((n) => `validator-${n}:9200`));
  assert.equal(operators.length, 2);
  for (const { name } of validators) {
    assert.equal(readFileSync(join(folder, name, "genesis.json"), "utf8"), genesis);
    assert.deepEqual(JSON.parse(readFileSync(join(folder, name, "validator.json"), "utf8")), { name, listen: "0.0.0.0:9200" });
    assert.equal(statSync(join(folder, name, "keys/consensus.json")).mode & 0o077, 0);
  }
  assert.match(run(), /nothing was changed/);
  assert.equal(readFileSync(join(folder, "host/genesis.json"), "utf8"), genesis);
  rmSync(folder, { recursive: true });
});

test("every service has a health check, and nobody waits for less", () => {
  assert.deepEqual(every((s) => s.healthcheck ?? history(images, s.build?.target).some((step) => step.word === "HEALTHCHECK")), []);
  for (const [, service] of services) {
    for (const [name, wait] of Object.entries(service.depends_on ?? {})) {
      assert.ok(compose.services[name], name);
      assert.equal(wait.condition, "service_healthy");
    }
  }
});

test("only the host publishes a port, on loopback, and only it has a way out", () => {
  assert.deepEqual(every((s) => s.ports === undefined), ["web"]);
  assert.ok(compose.services.web.ports.every((port) => port.startsWith("127.0.0.1:")));
  const inside = new Set(Object.entries(compose.networks).filter(([, network]) => network.internal).map(([name]) => name));
  assert.deepEqual(every((s) => s.networks.every((name) => inside.has(name))), ["web"]);
  assert.ok(!compose.services["validator-1"].networks.includes("database"));
});

test("volumes and secrets are named, declared and used", () => {
  const volumes = [...services.map(([, s]) => s), setup].flatMap((s) => s.volumes.map((volume) => volume.split(":")[0]));
  assert.deepEqual([...new Set(volumes)].sort(), Object.keys(compose.volumes).sort());
  const secrets = services.flatMap(([, s]) => s.secrets ?? []);
  assert.deepEqual([...new Set(secrets)].sort(), Object.keys(compose.secrets).sort());
  assert.ok(Object.values(compose.secrets).every((secret) => typeof secret.file === "string"));
});

test("no password stands in an environment or a command", () => {
  for (const [name, service] of services) {
    const said = JSON.stringify([service.environment ?? {}, service.command ?? ""]);
    assert.doesNotMatch(said, /(password|pwd)"? *[:=]/i, name);
  }
});

test("every image that is built exists as a target and runs as nobody special", () => {
  for (const target of ["web", "validator", "cli"]) {
    const steps = history(images, target);
    const user = steps.filter((step) => step.word === "USER").at(-1)?.rest;
    assert.ok(user && user !== "root" && user !== "0", `${target} runs as ${user}`);
    assert.ok(steps.some((step) => step.word === "HEALTHCHECK"), target);
    assert.equal(steps.at(-1).word, "ENTRYPOINT");
  }
  assert.deepEqual(services.filter(([, s]) => s.build && !images.some((image) => image.name === s.build.target)), []);
  assert.equal(compose.services.postgres.user, "postgres");
});

test("what the images copy exists, and passes the ignore file", () => {
  const passes = read("docker/Dockerfile.dockerignore").split("\n").filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  for (const { steps } of images) {
    for (const { word, rest } of steps) {
      assert.notEqual(word, "ADD");
      if (word !== "COPY" || rest.startsWith("--from=")) continue;
      for (const source of rest.split(" ").slice(0, -1)) {
        assert.ok(existsSync(join(root, source)), source);
        assert.ok(passes.includes(source), `${source} is ignored`);
      }
    }
  }
});

test("what the images start is what the projects build", () => {
  // A validator is its own program, since its profile publishes it with the runtime.
  for (const [target, project, program] of [["web", "Web", "EventLedger.Web.dll"], ["validator", "Validator", "./EventLedger.Validator"], ["cli", "Cli", "EventLedger.Cli.dll"]]) {
    assert.ok(existsSync(join(root, `src/${project}/${project}.csproj`)));
    assert.ok(JSON.parse(history(images, target).at(-1).rest).includes(program), target);
  }
  const build = history(images, "build").map((step) => step.rest).join("\n");
  const [, profile] = /src\/Validator\/\S+ .*-p:PublishProfile=(\w+)/.exec(build);
  assert.match(read(`src/Validator/Properties/PublishProfiles/${profile}.pubxml`), /<SelfContained>true</);
});

test("base images are pinned to a version", () => {
  const bases = images.map((image) => image.from).filter((from) => !images.some((image) => image.name === from));
  assert.deepEqual(bases.filter((from) => !/:\d/.test(from)), []);
});

test("the host's health check tells 200 from all else", async () => {
  const server = createServer((request, response) => response.writeHead(request.url === "/good" ? 200 : 503).end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  const check = async (path) => (await once(spawn("bash", [join(root, "docker/healthy"), String(port), path], { stdio: "ignore" }), "exit"))[0];
  assert.equal(await check("/good"), 0);
  assert.equal(await check("/bad"), 1);
  server.close();
  await once(server, "close");
  assert.equal(await check("/good"), 1);
});
