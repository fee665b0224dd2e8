/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The ring that all probes write to, and the books of what did not get into it. */
#ifndef PODSTAMP_RING_H
#define PODSTAMP_RING_H

#include "compat.h"
#include "shared.h"

/* Wake the loader when the ring begins to fill and again when so much waits; 0: the kernel decides for each record. */
const volatile u32 wake_bytes = 0;

/* Zeroed memory that the loader reads; only grows where something is lost, so that no CPU shares a line on the way. */
struct counters counters = {};

#define COUNT(what, by) __sync_fetch_and_add(&counters.what, by)

/*
 * Inserted by every probe, read by the loader; of fixed size. The loader sets the size.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

/* The longest record that can pass by while the level is crossed. */
#define WAKE_WINDOW 8192

/* Adaptive wake-ups cost 1.6 us a record; the loader gathers for some ms after each wake-up instead. */
static __always_inline u64 ring_flags(void)
{
	u64 waiting;

	if (!wake_bytes)
		return 0;
	waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	if (!waiting || (waiting >= wake_bytes && waiting < wake_bytes + WAKE_WINDOW))
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

static __always_inline void count_lost(u64 len)
{
	COUNT(lost, 1);
	COUNT(lost_bytes, len);
}

/* Writes a record that was built elsewhere. */
static __always_inline void ring_write(void *record, u64 len)
{
	if (bpf_ringbuf_output(&ring, record, len, ring_flags()))
		count_lost(len);
}

/* Room for a record of this size, or NULL, which is counted. */
#define ring_reserve(size)                                        \
	({                                                        \
		void *room = bpf_ringbuf_reserve(&ring, size, 0); \
		if (!room)                                        \
			count_lost(size);                         \
		room;                                             \
	})

static __always_inline void ring_submit(void *record)
{
	bpf_ringbuf_submit(record, ring_flags());
}

static __always_inline void fill_header(struct ev_header *h, u16 type, u32 len, u64 ts)
{
	h->len = len;
	h->type = type;
	h->cpu = bpf_get_smp_processor_id();
	h->flags = 0;
	h->ts = ts;
	h->cgroup = 0;
	h->hier = 0;
	h->tgid = 0;
	h->tid = 0;
	h->netns = 0;
}

#endif
