// docs/reference-points.md, made from the contracts themselves: the OpenAPI document and the validators' gateway.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const clauses = {
  R2D: ["data source and representation", "7.3.4"], U2S: ["data user and service provisioning", "7.3.1"], O2C: ["operator and data controlling", "7.3.2"],
  V2M: ["supervisor and data monitoring", "7.3.3"], P2R: ["processing and representation", "7.3.5"], S2P: ["service provisioning and processing", "7.3.6"],
  C2S: ["controlling and service provisioning", "7.3.7"], C2P: ["controlling and processing", "7.3.8"], C2R: ["controlling and representation", "7.3.9"],
  M2S: ["monitoring and service provisioning", "7.3.10"], M2P: ["monitoring and processing", "7.3.11"], M2R: ["monitoring and representation", "7.3.12"],
};

export function referencePoints(document, root) {
  const calls = new Map(Object.keys(clauses).map((point) => [point, []]));
  const others = new Map();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const tag = operation.tags?.[0];
      const into = calls.get(tag) ?? others.get(tag) ?? others.set(tag, []).get(tag);
      into.push([`\`${method.toUpperCase()} ${path}\``, operation.summary]);
    }
  }
  const proto = readFileSync(join(root, "src/Validator/Gateway/ledger.proto"), "utf8");
  for (const [, comment, call] of proto.matchAll(/((?:^ *\/\/.*\n)+) *rpc (\w+)/gm)) {
    const text = comment.replace(/^ *\/\/ ?/gm, "").replaceAll("\n", " ").trim();
    calls.get(text.slice(0, 3))?.push([`gRPC \`${call}\``, text.slice(5).replaceAll("|", "\\|")]);
  }
  // Interfaces between the rooms inside a host: a door names its reference point.
  const doors = join(root, "src/Api/Doors");
  for (const file of readdirSync(doors).filter((name) => name.endsWith(".cs")).sort()) {
    for (const [, point, body] of readFileSync(join(doors, file), "utf8").matchAll(/public interface I(\w+)\s*\{([^}]*)\}/g)) {
      for (const [, text, method] of body.matchAll(/<summary>(.*)<\/summary>(?:\s*\/\/\/.*)*\s*[\w<>?,()[\]. ]+? (\w+)\(.*\);/g)) {
        calls.get(point).push([`inside a host: \`${method}\``, text.replace(/<c>|<\/c>/g, "`").replaceAll("|", "\\|")]);
      }
    }
  }
  const lines = ["# Reference points", "",
    "The twelve reference points of Recommendation ITU-T Y.4561 (08/2020) clause 7.3 and what goes through each here. Made from the contracts by a test:",
    "the OpenAPI document of a running host, the gateway of the validators, and the doors between the five functional entities inside a host (`src/Api/Doors`).", ""];
  const table = (rows) => ["| call | what it does |", "|---|---|", ...rows.sort(([a], [b]) => (a < b ? -1 : 1)).map((row) => `| ${row.join(" | ")} |`), ""];
  for (const [point, rows] of calls) {
    lines.push(`## ${point}: between ${clauses[point][0]} (clause ${clauses[point][1]})`, "");
    lines.push(...table(rows));
  }
  for (const [tag, rows] of others) lines.push(`## ${tag}`, "", ...table(rows));
  return lines.join("\n");
}
