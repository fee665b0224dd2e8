// SPDX-License-Identifier: Apache-2.0
/*
 * What the loader's commands need of its other parts, without a kernel: for commands.test.ts, which builds them with
 * the compiler's checks of memory and of undefined behaviour.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../../bpf/loader/loader.h"

struct settings settings;
static bool was_loaded, was_started;
static long updates;

bool is_loaded(void)
{
	return was_loaded;
}

bool is_started(void)
{
	return was_started;
}

void load_probes(void)
{
	was_loaded = true;
}

void attach_probes(void)
{
	was_started = true;
}

void switch_probe(u32 id, bool on)
{
	settings.probes = on ? settings.probes | 1u << id : settings.probes & ~(1u << id);
}

const char *name_of_probe(u32 id)
{
	static const char *const names[PROBE_COUNT] = { "process", "tcp", "http", "oom", "signal" };

	return id < PROBE_COUNT ? names[id] : NULL;
}

int map_fd(const char *name)
{
	(void)name;
	return 1;
}

int bpf_map_update_elem(int fd, const void *key, const void *value, u64 flags)
{
	(void)fd, (void)key, (void)value, (void)flags;
	updates++;
	return 0;
}

int bpf_map_delete_elem(int fd, const void *key)
{
	(void)fd, (void)key;
	return 0;
}

int main(void)
{
	while (read_commands())
		;
	printf("probes %u, ring_bytes %u, loaded %d, started %d, updates %ld\n", settings.probes, settings.ring_bytes,
	       was_loaded, was_started, updates);
	return 0;
}
