/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The ring that all probes write to, and the books of what did not get into it. */
#ifndef PODSTAMP_RING_H
#define PODSTAMP_RING_H

#include "compat.h"
#include "shared.h"

/* Wake the loader when so much waits; 0: the kernel decides for each record. */
const volatile u32 wake_bytes = 0;

/* Zeroed memory that the loader reads. */
struct counters counters[COUNTER_CPUS] = {};

#define COUNT(what, by) __sync_fetch_and_add(&counters[bpf_get_smp_processor_id() % COUNTER_CPUS].what, by)

/*
 * Inserted by every probe, read by the loader; of fixed size. The loader sets the size.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

/* Several CPUs may cross the level together, and then one of them that is a little beyond it wakes. */
#define WAKE_WINDOW 2048

/*
 * A wake-up is an interrupt, of 1 to 2 us: adaptive ones cost that for each record. The loader looks by itself every
 * few ms while records come, and is woken only where the ring fills before it looks. `waiting` is without this record.
 */
static __always_inline u64 flags_at(u64 waiting, u64 len)
{
	u64 window = len > WAKE_WINDOW ? len : WAKE_WINDOW;

	if (!wake_bytes)
		return 0;
	return waiting + len >= wake_bytes && waiting < wake_bytes + window ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

static __always_inline u64 waiting_in_ring(void)
{
	return wake_bytes ? bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) : 0;
}

static __always_inline void count_lost(u64 len)
{
	COUNT(lost, 1);
	COUNT(lost_bytes, len);
}

/* Writes a record that was built elsewhere. */
static __always_inline void ring_write(void *record, u64 len)
{
	if (bpf_ringbuf_output(&ring, record, len, flags_at(waiting_in_ring(), len)))
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
	/* With this record in it. */
	bpf_ringbuf_submit(record, flags_at(waiting_in_ring(), 0));
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
