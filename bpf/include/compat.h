/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Where kernels differ. Each difference is asked of the kernel's BTF at load, never of its version; libbpf makes a
 * constant of the answer and the verifier drops the other branch.
 */
#ifndef PODSTAMP_COMPAT_H
#define PODSTAMP_COMPAT_H

#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* bpf_get_current_task_btf: 3ca1032ab7ab, 5.11. Plain loads instead of a helper call of 24 ns for each pointer. */
#define HAS_TASK_BTF	    bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)

/* The cgroup of a socket as a field of its own, no longer one with net_cls's: 8520e224f547, 5.15. */
#define HAS_SOCK_CGROUP(sk) bpf_core_field_exists((sk)->sk_cgrp_data.cgroup)

/*
 * mark_victim passes the task where it passed the PID: 72ba14deb40a, 6.8. The raw argument has no type; the record of
 * the tracepoint got a field with it.
 */
struct trace_event_raw_mark_victim___task {
	u32 __data_loc_comm;
} __attribute__((preserve_access_index));
#define MARK_VICTIM_HAS_TASK bpf_core_field_exists(((struct trace_event_raw_mark_victim___task *)0)->__data_loc_comm)

/* Sockets are told by their file operations where the kernel lists data symbols (CONFIG_KALLSYMS_ALL), else by the
 * inode. */
extern const void socket_file_ops __ksym __weak;

/* A 32-bit program on a 64-bit kernel: its numbers and structures are others. TS_COMPAT; of a task of a known type, and
 * of any. */
#if defined(__TARGET_ARCH_x86)
#define IS_COMPAT_TASK(task)	     ((task)->thread_info.status & 2)
#define IS_COMPAT_TASK_BY_READ(task) (BPF_CORE_READ(task, thread_info.status) & 2)
#else
#define IS_COMPAT_TASK(task)	     0
#define IS_COMPAT_TASK_BY_READ(task) 0
#endif

/* Registers of a task in a system call, as they were at its entry: the number and the arguments. */
#if defined(__TARGET_ARCH_x86)
#define SYSCALL_NR(regs)   ((long)(regs)->orig_ax)
#define SYSCALL_ARG0(regs) ((regs)->di)
#define SYSCALL_ARG1(regs) ((regs)->si)
#define SYSCALL_ARG2(regs) ((regs)->dx)
#define SYSCALL_ARG3(regs) ((regs)->r10)
enum {
	NR_read = 0,
	NR_write = 1,
	NR_readv = 19,
	NR_writev = 20,
	NR_sendfile = 40,
	NR_sendto = 44,
	NR_recvfrom = 45,
	NR_sendmsg = 46,
	NR_recvmsg = 47,
	NR_splice = 275,
	NR_recvmmsg = 299,
	NR_sendmmsg = 307,
	NR_preadv2 = 327,
	NR_pwritev2 = 328,
};
#elif defined(__TARGET_ARCH_arm64)
#define SYSCALL_NR(regs)   ((long)(regs)->syscallno)
#define SYSCALL_ARG0(regs) ((regs)->orig_x0)
#define SYSCALL_ARG1(regs) ((regs)->regs[1])
#define SYSCALL_ARG2(regs) ((regs)->regs[2])
#define SYSCALL_ARG3(regs) ((regs)->regs[3])
enum {
	NR_read = 63,
	NR_write = 64,
	NR_readv = 65,
	NR_writev = 66,
	NR_sendfile = 71,
	NR_splice = 76,
	NR_sendto = 206,
	NR_recvfrom = 207,
	NR_sendmsg = 211,
	NR_recvmsg = 212,
	NR_recvmmsg = 243,
	NR_sendmmsg = 269,
	NR_preadv2 = 286,
	NR_pwritev2 = 287,
};
#endif

/* What user space hands to the calls of vectors and messages. */
struct user_iovec {
	u64 base;
	u64 len;
};

struct user_msghdr {
	u64 name;
	u32 name_len;
	u32 pad;
	u64 iov;
	u64 iov_len;
	u64 control;
	u64 control_len;
	u32 flags;
	u32 pad2;
};

/* Whether the other side's end has come: it has a number in the stream, and counts among the bytes that have come. */
#define IS_DONE(flags) ((flags) >> bpf_core_enum_value(enum sock_flags, SOCK_DONE) & 1)

/* The sequence number behind the bytes that were read; the end, where it was read with them, is none. */
static __always_inline u32 behind_bytes(u32 copied, u32 next, unsigned long flags)
{
	return IS_DONE(flags) && copied == next ? copied - 1 : copied;
}

/*
 * A pointer as a number, for a global function: read from the stack, it loses its type. 0 if that fails, which no map
 * has as a key.
 */
static __always_inline u64 number_of(const void *pointer)
{
	u64 number = 0;

	return bpf_probe_read_kernel(&number, sizeof(number), &pointer) ? 0 : number;
}

/* Bounds a u64 so that the verifier sees it: clang 14 makes 32-bit copies of a comparison in C, which it does not
 * follow. */
#define BOUND(value, max) asm volatile("if %0 <= %1 goto +1; %0 = %1" : "+r"(value) : "i"(max))

#endif
