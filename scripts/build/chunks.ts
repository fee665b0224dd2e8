import { join } from "node:path";
import type { CodeSplittingOptions } from "rolldown";

/** What every command needs … */
const line = /^src\/(?:built|cli\/(?:command-line|terminal\/(?:args|output|shapes)))\.ts$/;

/** … what a command is made of that asks the podstamp that runs, and ends, with all that it imports … */
const running = /^src\/cli\/(?:listing\/(?:ps|pods)|running\/\w+)\.ts$/;

/** … and of one that asks the runtimes. */
const asking = /^src\/(?:cli\/(?:node\/snapshot|listing\/images)|runtimes\/cri\/cri)\.ts$/;

/**
 * Which modules stand in one file: Node takes as long to find and link forty small files as for all else that such a command does.
 */
export function chunks(root: string): CodeSplittingOptions {
  const inside = (pattern: RegExp) => (id: string) =>
    id.startsWith(root) && pattern.test(id.slice(join(root, "/").length));
  return {
    groups: [
      { name: "line", test: inside(line), priority: 3 },
      { name: "running", test: inside(running), priority: 2 },
      { name: "asking", test: inside(asking), priority: 1 },
    ],
  };
}
