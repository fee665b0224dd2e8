/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* How many requests of a cgroup are reported: above its rate none is built. */
#ifndef PODSTAMP_BUDGET_H
#define PODSTAMP_BUDGET_H

#include "connection.h"

/*
 * Inserted and read by has_budget(); nobody deletes. LRU: a forgotten cgroup begins with a full budget. The value is
 * the time until which the cgroup's requests so far would last at its rate.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct cgroup_key);
	__type(value, u64);
} budgets SEC(".maps");

/* Whether the cgroup may have one more request reported; takes it if so. */
static __always_inline bool has_budget(const struct connection *c, const struct control *control, u64 now)
{
	struct cgroup_key key = { .id = c->cgroup, .hier = c->hier };
	u64 interval, until = now, *known;

	if (!control->rate)
		return true;
	interval = 1000000000ull / control->rate;
	known = bpf_map_lookup_elem(&budgets, &key);
	if (known && *known > now) {
		until = *known;
		if (until - now > interval * control->burst)
			return false;
	}
	until += interval;
	if (known)
		*known = until;
	else
		/* If it fails, the cgroup has its whole budget again. */
		(void)bpf_map_update_elem(&budgets, &key, &until, BPF_ANY);
	return true;
}

enum {
	/* Nothing moves in the middle of an exchange for so long, or rather an answer was not counted. */
	QUIET_NS = 1000000000,
};

/*
 * Whether this request is held back. That changes only between exchanges: else the answer to one that was reported
 * would be missing, or one that was not would be taken for another's. An answer behind an interim one in the same chunk
 * is not counted: without the pause one of these would hold the connection back for ever.
 */
static __always_inline bool is_muted(struct connection *c, const struct control *control, u64 now)
{
	u64 last = c->last_rx > c->last_tx ? c->last_rx : c->last_tx;

	if (c->unanswered <= 0 || now - last > QUIET_NS) {
		c->unanswered = 0;
		c->muted = !has_budget(c, control, now);
	}
	c->unanswered++;
	if (c->muted) {
		c->flags |= CONN_MUTED;
		COUNT(muted, 1);
	}
	return c->muted;
}

#endif
