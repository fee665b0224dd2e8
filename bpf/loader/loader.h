/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the loader and what they know of each other. */
#ifndef PODSTAMP_LOADER_H
#define PODSTAMP_LOADER_H

#include <stdbool.h>
#include <stddef.h>

#include "../include/shared.h"

#define PROBE_COUNT 5
#define ALL_PROBES  ((1u << PROBE_COUNT) - 1)

/* What commands set before `load`. */
struct settings {
	u32 probes;	/* asked for, as a mask */
	u32 ring_bytes; /* a power of 2, of pages */
	u32 wake_bytes;
	u32 latency_ms; /* between two looks at the ring while records come */
	u32 connections;
	u32 args_max;
	u32 request_max;
	u32 response_max;
	u64 signals;
	enum ev_backend backend; /* BACKEND_NONE: what the kernel has */
	u32 without;		 /* mask of enum feature: tests take them away */
};

enum feature {
	FEATURE_BTF = 1,
	FEATURE_SOCK_LENGTH = 2,
	FEATURE_SYS_EXIT = 4,
};

enum stream_state {
	STREAM_IDLE,
	STREAM_BUSY,
	STREAM_FULL,
};

/* Why something cannot be had, in words for the operator. */
struct problem {
	enum ev_reason reason;
	int error;
	char text[EV_TEXT_MAX];
};

/* privileges.c */
void raise_memlock(void);
/* Gives up all but what bpf() needs. False when that fails, with the words on stderr. */
bool drop_privileges(void);
bool forbid_system_calls(void);
/* The capabilities in effect, as a mask. */
u64 effective_capabilities(void);
/* Dies by SIGKILL with the process that started it. False when that has gone already. */
bool die_with_parent(int parent);

/* problems.c */
void watch_libbpf(void);
/* Before anything is loaded: what the machine lacks. True when there is a problem. */
bool find_problem(struct problem *problem, u32 without);
/* After a failure of libbpf's while doing something with a probe. */
void explain(struct problem *problem, const char *probe, int error);
void forget_log(void);

/* objects.c; each by its enum ev_probe_id */
/* 0, or a negative errno with nothing left behind. */
int load_object(u32 id, enum ev_backend backend);
int attach_object(u32 id);
void unload_object(u32 id);
bool is_object_loaded(u32 id);
bool is_object_attached(u32 id);
/* Makes the shared maps, and the probes know who must not be traced. 0, or a negative errno. */
int find_self(void);
const struct self *who_am_i(void);
struct counters sum_counters(void);
int ring_fd(void);
/* Of a shared map by name; -1 where nothing could be loaded. */
int map_fd(const char *name);
const char *name_of_probe(u32 id);

/* probes.c */
extern struct settings settings;
/* Loads what is asked for. Each failure is reported by its record; none ends the loader. */
void load_probes(void);
/* Attaches what is loaded, and reports each. */
void attach_probes(void);
bool is_loaded(void);
bool is_started(void);
void switch_probe(u32 id, bool on);
void close_probes(void);

/* filters.c */
/* Tells the probes what has changed. */
bool push_control(void);

/* commands.c */
/* Reads what is there. False at the end of stdin. */
bool read_commands(void);

/* stream.c */
bool open_stream(void);
void send_hello(void);
void send_clock(void);
void send_stats(bool even_unchanged);
void send_probe(u32 id, enum ev_probe_status status, enum ev_backend backend, const struct problem *problem);
void send_ready(u64 load_ns);
/* Takes what the ring has, up to some thousand records. False when stdout has gone. */
bool pump(void);
/* What the last pump() found: nothing, something, or more than it takes at once. */
enum stream_state stream_state(void);
/* Takes all that it has. */
void drain(void);
bool flush(void);
bool attach_stream(void);
int stream_fd(void);
u64 now(int clock);

#endif
