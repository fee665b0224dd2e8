// SPDX-License-Identifier: Apache-2.0
/*
 * Records to stdout: the ring's as they are, and the loader's own. Nothing of them is read but type and length.
 *
 * Writing blocks. While nobody reads, the ring fills, and then the kernel drops and counts: what is traced never waits.
 */
#define _GNU_SOURCE
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "loader.h"

/* Set by the build to the hash that src/ebpf/abi.ts has. */
#ifndef LAYOUT_HASH
#error "Cannot build the loader: LAYOUT_HASH must be set, as npm run build:bpf does"
#endif

enum {
	BUFFER_BYTES = 1 << 20,
	/* As src/ebpf/loader/framing.ts has it: longer is no record. */
	RECORD_MAX = 8192,
	/* Then commands and clocks have their turn. */
	BATCH_RECORDS = 16384,
};

static char *buffer;
static size_t buffered;
static bool is_broken;
static struct ring_buffer *ring;
static unsigned int batch;
static u64 written, written_bytes, malformed;
static struct ev_stats last_stats;

u64 now(int clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

bool open_stream(void)
{
	buffer = malloc(BUFFER_BYTES);
	/* A pipe's; on a socket it fails, and that is no matter. */
	(void)fcntl(STDOUT_FILENO, F_SETPIPE_SZ, BUFFER_BYTES);
	return buffer;
}

bool flush(void)
{
	size_t done = 0;

	while (done < buffered && !is_broken) {
		ssize_t n = write(STDOUT_FILENO, buffer + done, buffered - done);

		if (n >= 0)
			done += n;
		else if (errno != EINTR)
			is_broken = true;
	}
	buffered = 0;
	return !is_broken;
}

static void put(const void *record, size_t len)
{
	if (buffered + len > BUFFER_BYTES && !flush())
		return;
	memcpy(buffer + buffered, record, len);
	buffered += len;
}

static int take(void *context, void *record, size_t len)
{
	const struct ev_header *h = record;

	(void)context;
	/* A wrong length would make nonsense of all that follows. */
	if (len < sizeof(*h) || h->len < sizeof(*h) || h->len > len || h->len > RECORD_MAX || h->len % 8) {
		malformed++;
	} else {
		put(record, h->len);
		written++;
		written_bytes += h->len;
	}
	return is_broken || ++batch >= BATCH_RECORDS ? -EAGAIN : 0;
}

bool attach_stream(void)
{
	if (!ring && ring_fd() >= 0)
		ring = ring_buffer__new(ring_fd(), take, NULL, NULL);
	return ring;
}

int stream_fd(void)
{
	return ring ? ring_buffer__epoll_fd(ring) : -1;
}

bool pump(void)
{
	int result = 0;

	batch = 0;
	if (ring)
		result = ring_buffer__consume(ring);
	if (result < 0 && result != -EAGAIN && result != -EINTR)
		fprintf(stderr, "Cannot read the ring: %s\n", strerror(-result));
	return flush();
}

enum stream_state stream_state(void)
{
	if (!batch)
		return STREAM_IDLE;
	return batch < BATCH_RECORDS ? STREAM_BUSY : STREAM_FULL;
}

void drain(void)
{
	do {
		if (!pump())
			return;
	} while (batch >= BATCH_RECORDS);
}

static void start_record(struct ev_header *h, size_t len, enum ev_record_type type)
{
	memset(h, 0, len);
	h->len = len;
	h->type = type;
	h->ts = now(CLOCK_BOOTTIME);
}

void send_hello(void)
{
	struct ev_hello e;
	struct utsname system;

	start_record(&e.h, sizeof(e), EV_HELLO);
	e.magic = EV_MAGIC;
	e.layout_hash = LAYOUT_HASH;
	e.capabilities = effective_capabilities();
	if (!uname(&system)) {
		memcpy(e.kernel, system.release, strnlen(system.release, sizeof(e.kernel) - 1));
		memcpy(e.machine, system.machine, strnlen(system.machine, sizeof(e.machine) - 1));
	}
	put(&e, sizeof(e));
}

/* One clock between two readings of the other: of eight, the closest pair. */
void send_clock(void)
{
	struct ev_clock e;

	start_record(&e.h, sizeof(e), EV_CLOCK);
	e.uncertainty_ns = ~0ull;
	for (int i = 0; i < 8; i++) {
		u64 before = now(CLOCK_BOOTTIME);
		u64 real = now(CLOCK_REALTIME);
		u64 after = now(CLOCK_BOOTTIME);

		if (after - before >= e.uncertainty_ns)
			continue;
		e.uncertainty_ns = after - before;
		e.boot_ns = before + (after - before) / 2;
		e.real_ns = real;
	}
	put(&e, sizeof(e));
}

void send_stats(bool even_unchanged)
{
	struct counters sum = sum_counters();
	struct ev_stats e;

	start_record(&e.h, sizeof(e), EV_STATS);
	e.lost = sum.lost;
	e.lost_bytes = sum.lost_bytes;
	e.lost_cgroup = sum.lost_cgroup;
	e.muted = sum.muted;
	e.unread = sum.unread;
	e.table_full = sum.table_full;
	e.malformed = malformed;
	e.written = written;
	e.written_bytes = written_bytes;
	if (!even_unchanged && !memcmp(&e.lost, &last_stats.lost, sizeof(e) - offsetof(struct ev_stats, lost)))
		return;
	last_stats = e;
	put(&e, sizeof(e));
}

void send_probe(u32 id, enum ev_probe_status status, enum ev_backend backend, const struct problem *problem)
{
	struct ev_probe e;
	size_t len;

	start_record(&e.h, sizeof(e), EV_PROBE);
	e.probe = id;
	e.status = status;
	e.backend = backend;
	if (problem) {
		e.reason = problem->reason;
		e.error = problem->error;
		e.text_len = strlen(problem->text);
		memcpy(e.text, problem->text, e.text_len);
	}
	len = (offsetof(struct ev_probe, text) + e.text_len + 7) & ~7ull;
	e.h.len = len;
	put(&e, len);
}

void send_ready(u64 load_ns)
{
	const struct self *self = who_am_i();
	struct ev_ready e;

	start_record(&e.h, sizeof(e), EV_READY);
	e.probes = settings.probes;
	e.self_tgid = self->tgid;
	e.parent_tgid = self->parent_tgid;
	e.self_hier = self->hier;
	e.self_cgroup = self->cgroup;
	e.load_ns = load_ns;
	put(&e, sizeof(e));
}
