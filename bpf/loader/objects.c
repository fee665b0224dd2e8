// SPDX-License-Identifier: Apache-2.0
/*
 * The probes' objects: one for each, so that one that a kernel refuses takes no other along. They share their maps,
 * which self.bpf.c has all of: it is loaded first, and the others are given them.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "loader.h"
#include "http.skel.h"
#include "oom.skel.h"
#include "process.skel.h"
#include "self.skel.h"
#include "signal.skel.h"
#include "tcp.skel.h"

/* One compiled object. What bpftool makes of it has a type of its own, which only these functions know. */
struct object {
	const char *name;
	void *(*open)(void);
	struct bpf_object *(*inside)(void *skeleton);
	int (*load)(void *skeleton);
	int (*attach)(void *skeleton);
	void (*destroy)(void *skeleton);
	struct counters *(*counters)(void *skeleton); /* COUNTER_CPUS of them */
	void *skeleton;
	bool is_attached;
};

#define OBJECT_FUNCTIONS(name, settle)                                                    \
	static void *name##_open(void)                                                    \
	{                                                                                 \
		struct name##_bpf *skeleton = name##_bpf__open();                         \
		if (skeleton)                                                             \
			settle(skeleton);                                                 \
		return skeleton;                                                          \
	}                                                                                 \
	static struct bpf_object *name##_inside(void *skeleton)                           \
	{                                                                                 \
		return ((struct name##_bpf *)skeleton)->obj;                              \
	}                                                                                 \
	static int name##_load(void *skeleton)                                            \
	{                                                                                 \
		return name##_bpf__load(skeleton);                                        \
	}                                                                                 \
	static int name##_attach(void *skeleton)                                          \
	{                                                                                 \
		return name##_bpf__attach(skeleton);                                      \
	}                                                                                 \
	static void name##_destroy(void *skeleton)                                        \
	{                                                                                 \
		name##_bpf__destroy(skeleton);                                            \
	}                                                                                 \
	static struct counters *name##_counters(void *skeleton)                           \
	{                                                                                 \
		return (struct counters *)((struct name##_bpf *)skeleton)->bss->counters; \
	}

#define OBJECT(named)                                                                                 \
	{                                                                                             \
		.name = #named, .open = named##_open, .inside = named##_inside, .load = named##_load, \
		.attach = named##_attach, .destroy = named##_destroy, .counters = named##_counters    \
	}

static enum ev_backend backend;

static void settle_process(struct process_bpf *skeleton)
{
	skeleton->rodata->wake_bytes = settings.wake_bytes;
	skeleton->rodata->args_max = settings.args_max;
	skeleton->rodata->page_bytes = sysconf(_SC_PAGESIZE);
}

static void settle_tcp(struct tcp_bpf *skeleton)
{
	skeleton->rodata->wake_bytes = settings.wake_bytes;
	skeleton->rodata->tcp_on = settings.probes >> PROBE_TCP & 1;
	skeleton->rodata->http_on = settings.probes >> PROBE_HTTP & 1;
}

static void settle_http(struct http_bpf *skeleton)
{
	skeleton->rodata->wake_bytes = settings.wake_bytes;
	skeleton->rodata->request_max = settings.request_max;
	skeleton->rodata->response_max = settings.response_max;
	bpf_program__set_autoload(skeleton->progs.on_send, backend == BACKEND_SOCKET);
	bpf_program__set_autoload(skeleton->progs.on_receive, backend == BACKEND_SOCKET);
	bpf_program__set_autoload(skeleton->progs.on_sys_exit, backend == BACKEND_SYSCALL);
}

static void settle_oom(struct oom_bpf *skeleton)
{
	skeleton->rodata->wake_bytes = settings.wake_bytes;
}

static void settle_signal(struct signal_bpf *skeleton)
{
	skeleton->rodata->wake_bytes = settings.wake_bytes;
	skeleton->rodata->signals = settings.signals;
}

OBJECT_FUNCTIONS(process, settle_process)
OBJECT_FUNCTIONS(tcp, settle_tcp)
OBJECT_FUNCTIONS(http, settle_http)
OBJECT_FUNCTIONS(oom, settle_oom)
OBJECT_FUNCTIONS(signal, settle_signal)

/* By enum ev_probe_id. */
static struct object objects[PROBE_COUNT] = { OBJECT(process), OBJECT(tcp), OBJECT(http), OBJECT(oom), OBJECT(signal) };

/* Maps that more than one object has, kept open here while any probe comes and goes. */
static struct {
	const char *name;
	int fd;
} shared[] = {
	{ "ring", -1 },		  { "announced", -1 },	   { "control", -1 },
	{ "cgroup_filters", -1 }, { "ignored_tgids", -1 }, { "connections", -1 },
	{ "port_filters", -1 },	  { "ignored_ends", -1 },  { "victims", -1 },
};

static struct self self;
static struct counters gone; /* of objects that were unloaded */

const char *name_of_probe(u32 id)
{
	return id < PROBE_COUNT ? objects[id].name : NULL;
}

const struct self *who_am_i(void)
{
	return &self;
}

int map_fd(const char *name)
{
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		if (!strcmp(shared[i].name, name))
			return shared[i].fd;
	return -1;
}

int ring_fd(void)
{
	return map_fd("ring");
}

static int share_maps(struct bpf_object *object)
{
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(object, shared[i].name);
		int error = 0;

		if (!map)
			continue;
		if (shared[i].fd >= 0)
			error = bpf_map__reuse_fd(map, shared[i].fd);
		else if (!strcmp(shared[i].name, "ring"))
			error = bpf_map__set_max_entries(map, settings.ring_bytes);
		else if (!strcmp(shared[i].name, "connections"))
			error = bpf_map__set_max_entries(map, settings.connections);
		if (error)
			return error;
	}
	return 0;
}

static int keep_maps(struct bpf_object *object)
{
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(object, shared[i].name);

		if (!map || shared[i].fd >= 0)
			continue;
		shared[i].fd = fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 3);
		if (shared[i].fd < 0)
			return -errno;
	}
	return 0;
}

/* 0, or a negative errno with nothing left behind. */
int load_object(u32 id, enum ev_backend which)
{
	struct object *object = &objects[id];
	int error;

	forget_log();
	backend = which;
	object->skeleton = object->open();
	if (!object->skeleton)
		return errno ? -errno : -ENOMEM;
	error = share_maps(object->inside(object->skeleton));
	if (!error)
		error = object->load(object->skeleton);
	if (!error)
		error = keep_maps(object->inside(object->skeleton));
	if (error) {
		object->destroy(object->skeleton);
		object->skeleton = NULL;
	}
	return error;
}

static void add_counters(struct counters *sum, const struct object *object)
{
	const struct counters *counters = object->counters(object->skeleton);

	for (size_t i = 0; i < COUNTER_CPUS; i++) {
		sum->lost += counters[i].lost;
		sum->lost_bytes += counters[i].lost_bytes;
		sum->lost_cgroup += counters[i].lost_cgroup;
		sum->muted += counters[i].muted;
		sum->unread += counters[i].unread;
		sum->table_full += counters[i].table_full;
	}
}

void unload_object(u32 id)
{
	struct object *object = &objects[id];

	if (!object->skeleton)
		return;
	add_counters(&gone, object);
	object->destroy(object->skeleton);
	object->skeleton = NULL;
	object->is_attached = false;
}

struct counters sum_counters(void)
{
	struct counters sum = gone;

	for (u32 id = 0; id < PROBE_COUNT; id++)
		if (objects[id].skeleton)
			add_counters(&sum, &objects[id]);
	return sum;
}

int attach_object(u32 id)
{
	struct object *object = &objects[id];
	int error;

	forget_log();
	error = object->attach(object->skeleton);
	object->is_attached = !error;
	return error;
}

bool is_object_loaded(u32 id)
{
	return objects[id].skeleton;
}

bool is_object_attached(u32 id)
{
	return objects[id].is_attached;
}

/* Makes the shared maps, and the probes know who must not be traced. 0, or a negative errno. */
int find_self(void)
{
	struct bpf_test_run_opts options = { .sz = sizeof(options) };
	struct self_bpf *skeleton;
	u8 yes = 1;
	int error, fd;

	forget_log();
	skeleton = self_bpf__open();
	if (!skeleton)
		return -ENOMEM;
	error = share_maps(skeleton->obj);
	if (!error)
		error = self_bpf__load(skeleton);
	if (!error)
		error = keep_maps(skeleton->obj);
	if (!error)
		error = bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.find_self), &options);
	if (!error)
		memcpy(&self, &skeleton->bss->self, sizeof(self));
	self_bpf__destroy(skeleton);
	if (error)
		return error;
	fd = map_fd("ignored_tgids");
	if (bpf_map_update_elem(fd, &self.tgid, &yes, BPF_ANY) ||
	    bpf_map_update_elem(fd, &self.parent_tgid, &yes, BPF_ANY))
		return -errno;
	return 0;
}
