/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Processes that the kernel chose to kill for memory, until they end. */
#ifndef PODSTAMP_VICTIMS_H
#define PODSTAMP_VICTIMS_H

#include "compat.h"

/*
 * Inserted by oom.bpf.c, read and deleted by process.bpf.c at the exit. LRU, since that probe may be off.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, u8);
} victims SEC(".maps");

#endif
