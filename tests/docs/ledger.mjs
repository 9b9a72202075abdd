// One ledger started by ./run, as a newcomer would start it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Runs a command to its end. */
export async function command(program, args, options = {}) {
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options });
  let output = "";
  child.stdout.on("data", (bytes) => (output += bytes));
  child.stderr.on("data", (bytes) => (output += bytes));
  const [code] = await once(child, "close");
  return { code, output };
}

export class Ledger {
  static async start(...args) {
    const data = mkdtempSync(join(tmpdir(), "eventledger-docs-"));
    const ledger = new Ledger(data, await freePort());
    await ledger.run(...args);
    return ledger;
  }

  constructor(data, port) {
    this.data = data;
    this.port = port;
    this.url = `http://localhost:${port}`;
  }

  /** Starts ./run and waits for its line. */
  async run(...args) {
    this.lines = [];
    this.child = spawn("./run", ["--port", String(this.port), "--data", this.data, ...args], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    this.ended = once(this.child, "close");
    for await (const line of createInterface({ input: this.child.stdout })) {
      this.lines.push(line);
      if (line === `ready ${this.url}`) return;
    }
    throw new Error(`./run ended before it was ready:\n${this.lines.join("\n")}`);
  }

  /** Ends it as Ctrl-C does, and waits. */
  async stop() {
    this.child.kill("SIGINT");
    const [code] = await this.ended;
    return code;
  }

  remove() {
    rmSync(this.data, { recursive: true, force: true });
  }

  async json(path) {
    const answer = await fetch(this.url + path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
