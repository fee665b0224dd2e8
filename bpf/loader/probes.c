// SPDX-License-Identifier: Apache-2.0
/* Which probes are loaded and attached, and what is said of each. */
#define _GNU_SOURCE
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "loader.h"

struct settings settings = {
	.ring_bytes = 8 << 20,
	.wake_bytes = 256 << 10,
	.latency_ms = 20,
	.connections = 65536,
	.args_max = EV_ARGS_MAX,
	.request_max = 1024,
	.response_max = 512,
	/* QUIT, ILL, TRAP, ABRT, BUS, FPE, KILL, SEGV, TERM, SYS */
	.signals = 0x80008bf8,
};

static enum ev_backend backend; /* of the HTTP probe */
static bool was_loaded, was_started;
static u64 load_ns;

bool is_loaded(void)
{
	return was_loaded;
}

bool is_started(void)
{
	return was_started;
}

static bool kernel_has(const char *hook)
{
	struct btf *btf = btf__load_vmlinux_btf();
	char name[64];
	bool found;

	if (!btf)
		return false;
	snprintf(name, sizeof(name), "btf_trace_%s", hook);
	found = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF) > 0;
	btf__free(btf);
	return found;
}

static bool may_use(enum ev_backend which)
{
	if (settings.backend != BACKEND_NONE && settings.backend != which)
		return false;
	if (which == BACKEND_SOCKET)
		return !(settings.without & FEATURE_SOCK_LENGTH) && kernel_has("sock_send_length");
	return !(settings.without & FEATURE_SYS_EXIT) && kernel_has("sys_exit");
}

/* What the kernel has is found out by looking for it, and then by trying. */
static int load_http(void)
{
	int error = -ESRCH;

	if (may_use(BACKEND_SOCKET)) {
		backend = BACKEND_SOCKET;
		error = load_object(PROBE_HTTP, backend);
		if (!error)
			return 0;
	}
	if (may_use(BACKEND_SYSCALL)) {
		backend = BACKEND_SYSCALL;
		error = load_object(PROBE_HTTP, backend);
		if (!error)
			return 0;
	}
	backend = BACKEND_NONE;
	return error;
}

static bool is_wanted(u32 id)
{
	/* The table of connections is kept by one and used by both. */
	u32 mask = id == PROBE_TCP ? 1u << PROBE_TCP | 1u << PROBE_HTTP : 1u << id;

	return settings.probes & mask;
}

static bool load_probe(u32 id)
{
	struct problem problem;
	int error = id == PROBE_HTTP ? load_http() : load_object(id, BACKEND_NONE);

	if (!error)
		return true;
	explain(&problem, name_of_probe(id), error);
	if (settings.probes >> id & 1)
		send_probe(id, PROBE_STATUS_FAILED, BACKEND_NONE, &problem);
	settings.probes &= ~(1u << id);
	if (id == PROBE_TCP && settings.probes >> PROBE_HTTP & 1) {
		send_probe(PROBE_HTTP, PROBE_STATUS_FAILED, BACKEND_NONE, &problem);
		settings.probes &= ~(1u << PROBE_HTTP);
	}
	return false;
}

static void fail_all(const struct problem *problem)
{
	for (u32 id = 0; id < PROBE_COUNT; id++)
		if (settings.probes >> id & 1)
			send_probe(id, PROBE_STATUS_FAILED, BACKEND_NONE, problem);
	settings.probes = 0;
}

void load_probes(void)
{
	struct problem problem;
	u64 begun = now(CLOCK_MONOTONIC);
	int error;

	was_loaded = true;
	if (find_problem(&problem, settings.without)) {
		fail_all(&problem);
		return;
	}
	error = find_self();
	if (!error && (!push_control() || !attach_stream()))
		error = -errno;
	if (error) {
		explain(&problem, "self", error);
		fail_all(&problem);
		return;
	}
	for (u32 id = 0; id < PROBE_COUNT; id++)
		if (is_wanted(id))
			load_probe(id);
	/* A table that nobody asked for by itself: without HTTP it goes. */
	if (!is_wanted(PROBE_TCP))
		unload_object(PROBE_TCP);
	load_ns = now(CLOCK_MONOTONIC) - begun;
}

static void attach_probe(u32 id, bool tells)
{
	struct problem problem;
	int error;

	if (!is_object_loaded(id) || is_object_attached(id))
		return;
	error = attach_object(id);
	if (!error) {
		if (tells && settings.probes >> id & 1)
			send_probe(id, PROBE_STATUS_ATTACHED, id == PROBE_HTTP ? backend : BACKEND_NONE, NULL);
		return;
	}
	explain(&problem, name_of_probe(id), error);
	send_probe(id, PROBE_STATUS_FAILED, BACKEND_NONE, &problem);
	settings.probes &= ~(1u << id);
	unload_object(id);
}

void attach_probes(void)
{
	u64 begun = now(CLOCK_MONOTONIC);

	was_started = true;
	for (u32 id = 0; id < PROBE_COUNT; id++)
		attach_probe(id, true);
	send_clock();
	send_ready(load_ns + now(CLOCK_MONOTONIC) - begun);
}

/* What the table is kept for is fixed when it is loaded. */
static void reload_tcp(bool tells)
{
	unload_object(PROBE_TCP);
	if (is_wanted(PROBE_TCP) && load_probe(PROBE_TCP) && was_started)
		attach_probe(PROBE_TCP, tells);
}

void switch_probe(u32 id, bool on)
{
	u32 bit = 1u << id;

	if (!(settings.probes & bit) == !on)
		return;
	settings.probes ^= bit;
	if (!was_loaded)
		return;
	if (!on) {
		if (id != PROBE_TCP)
			unload_object(id);
		send_probe(id, PROBE_STATUS_OFF, BACKEND_NONE, NULL);
	} else if (id != PROBE_TCP && !load_probe(id)) {
		return;
	}
	if (id == PROBE_TCP || id == PROBE_HTTP)
		reload_tcp(on && id == PROBE_TCP);
	if (on && was_started)
		attach_probe(id, true);
}

void close_probes(void)
{
	for (u32 id = 0; id < PROBE_COUNT; id++)
		unload_object(id);
}
