// A Dockerfile as a list of stages; enough of its grammar for this project's file.

/** @returns {{name: string, from: string, steps: {word: string, rest: string}[]}[]} */
export function stages(text) {
  const lines = text
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n")
    .replace(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const args = new Map();
  const found = [];
  for (const line of lines) {
    const [, word, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (word === undefined) throw new Error(`not an instruction: ${line}`);
    if (word === "FROM") {
      const [, from, name] = /^(\S+)\s+AS\s+(\S+)$/.exec(rest) ?? [];
      if (name === undefined) throw new Error(`a stage without a name: ${line}`);
      found.push({ name, from: from.replace(/\$\{(\w+)\}/g, (_, key) => args.get(key)), steps: [] });
    } else if (found.length === 0) {
      const [key, value] = rest.split("=");
      args.set(key, value);
    } else {
      found.at(-1).steps.push({ word, rest });
    }
  }
  return found;
}

/** The steps of a stage with those of the stages that it is built on, oldest first. */
export function history(all, name) {
  const stage = all.find((s) => s.name === name);
  return stage === undefined ? [] : [...history(all, stage.from), ...stage.steps];
}
