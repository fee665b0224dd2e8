// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Compiled only for its BTF, of which scripts/bpf/abi.ts makes src/ebpf/abi.ts: the BTF of a probe has just the records
 * that the probe uses.
 */
#include "include/events.h"

#define ENUM(name) enum name abi_##name
#define RECORD(name)                                  \
	struct name abi_##name __attribute__((used)); \
	_Static_assert(sizeof(struct name) % 8 == 0, #name " must be a multiple of 8 bytes")
#define TAIL(name, field)                                               \
	_Static_assert(__builtin_offsetof(struct name, field) % 8 == 0, \
		       #name "." #field " must begin at a multiple of 8")

ENUM(ev_record_type);
ENUM(ev_probe_id);
ENUM(ev_probe_status);
ENUM(ev_reason);
ENUM(ev_backend);
ENUM(ev_role);
ENUM(ev_conn_flag);
ENUM(ev_direction);
ENUM(ev_http_kind);
ENUM(ev_http_flag);
ENUM(ev_exit_flag);
ENUM(ev_disposition);

RECORD(ev_header);
RECORD(ev_hello);
RECORD(ev_clock);
RECORD(ev_stats);
RECORD(ev_probe);
RECORD(ev_ready);
RECORD(ev_cgroup);
RECORD(ev_exec);
RECORD(ev_exit);
RECORD(ev_conn);
RECORD(ev_http);
RECORD(ev_oom);
RECORD(ev_signal);

TAIL(ev_probe, text);
TAIL(ev_cgroup, path);
TAIL(ev_exec, args);
TAIL(ev_http, data);
