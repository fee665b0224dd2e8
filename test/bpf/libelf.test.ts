import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { root, whyNoProbes } from "../support/ebpf/set-up.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";

const why = whyNoProbes();

/** As elf_begin() and elf_end() of elfutils 0.192 use it; the tree's own functions are not in its libelf.a. */
const asLibelf = `#define _GNU_SOURCE
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
struct search_tree { void *root; };
void eu_search_tree_init(struct search_tree *tree);
void eu_search_tree_fini(struct search_tree *tree, void (*free_node)(void *));
static int freed;
static void release(void *node) { freed++; free(node); }
static int compare(const void *a, const void *b) { return *(const char *)a - *(const char *)b; }
int main(void)
{
	struct search_tree tree = { (void *)1 };
	eu_search_tree_init(&tree);
	for (char name = 'a'; name < 'd'; name++) {
		char *node = malloc(1);
		*node = name;
		tsearch(node, &tree.root, compare);
	}
	eu_search_tree_fini(&tree, release);
	printf("%d freed, %s\\n", freed, tree.root == NULL ? "empty" : "not empty");
	return 0;
}
`;

describe.skipIf(why !== undefined)(
  `a libelf that lacks its trees (Debian 13's)${why === undefined ? "" : ` (skipped: ${why})`}`,
  () => {
    test("finds them in the loader, which links and frees what it kept", async () => {
      const folder = createWorkspace();
      onTestFinished(() => wipe(folder));
      const [source, program] = [join(folder, "libelf-user.c"), join(folder, "libelf-user")];
      writeFileSync(source, asLibelf);
      const args = ["-Wall", "-Wextra", "-Werror", "-static", source, "bpf/loader/libelf.c", "-o", program];
      expect(spawnSync("gcc", args, { cwd: root, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
      expect(spawnSync(program, { encoding: "utf8" }).stdout).toBe("3 freed, empty\n");
    });
  },
);
