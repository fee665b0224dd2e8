// SPDX-License-Identifier: Apache-2.0
/*
 * What the static libelf of elfutils 0.192, which Debian 13 has, asks for and nothing
 * brings (elfutils bug 32293). Weak, so that a libelf that has its own takes that.
 */
#define _GNU_SOURCE
#include <search.h>
#include <stddef.h>

/* In libelf's a lock follows, for threads, of which the loader has one. */
struct search_tree {
	void *root;
};

__attribute__((weak)) void eu_search_tree_init(struct search_tree *tree)
{
	tree->root = NULL;
}

__attribute__((weak)) void eu_search_tree_fini(struct search_tree *tree, void (*free_node)(void *))
{
	tdestroy(tree->root, free_node);
	tree->root = NULL;
}
