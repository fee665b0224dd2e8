import { join } from "node:path";
import type { CodeSplittingOptions } from "rolldown";

/** What every command needs … */
const line = /^src\/(?:built|cli\/(?:command-line|terminal\/(?:args|output|shapes)))\.ts$/;

/** … and what a command is made of that asks runtimes, or the podstamp that runs, and ends: with all that these import. */
const asking = /^src\/(?:cli\/(?:node\/snapshot|listing\/(?:ps|pods|images)|running\/\w+)|runtimes\/cri\/cri)\.ts$/;

/**
 * Which modules stand in one file: Node takes as long to find and link forty small files as for all else that such a command does.
 */
export function chunks(root: string): CodeSplittingOptions {
  const inside = (pattern: RegExp) => (id: string) =>
    id.startsWith(root) && pattern.test(id.slice(join(root, "/").length));
  return {
    groups: [
      { name: "line", test: inside(line), priority: 2 },
      { name: "asking", test: inside(asking), priority: 1 },
    ],
  };
}
