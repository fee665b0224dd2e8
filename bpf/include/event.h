/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A system call that has moved bytes of a socket, as each of the two backends has it before its work is taken up. */
#ifndef PODSTAMP_EVENT_H
#define PODSTAMP_EVENT_H

#include "compat.h"
#include "events.h"

struct event {
	struct sock *sk;
	u64 arg0; /* the descriptor */
	u64 arg1;
	u64 arg2;
	long nr;
	u32 bytes;
	u8 direction;
	/* The verifier knows the type of sk, and so that of what it points to: no helper for each pointer. It was not
	 * found by the descriptor. */
	bool is_typed;
};

/*
 * Whether the call is on this very socket. Kernel code may send inside a call on something else, io_uring for one, and
 * bpf_task_pt_regs hands out what the task came with: then the buffer is not this socket's.
 */
static __always_inline bool is_of_descriptor(const struct event *event)
{
	u32 descriptor = event->arg0;
	struct file *file = NULL;
	struct fdtable *table;

	if (!event->is_typed)
		return true;
	table = bpf_get_current_task_btf()->files->fdt;
	if (descriptor >= table->max_fds || bpf_probe_read_kernel(&file, sizeof(file), table->fd + descriptor))
		return false;
	return file && file == event->sk->sk_socket->file;
}

/* The TCP sequence number behind the last byte of a direction. */
static __always_inline u32 position_of(const struct event *event, u8 direction)
{
	struct sock *sk = event->sk;
	struct tcp_sock *tcp;

	if (event->is_typed) {
		tcp = bpf_skc_to_tcp_sock(sk);
		if (!tcp)
			return 0;
		if (direction == DIRECTION_TX)
			return tcp->write_seq;
		return behind_bytes(tcp->copied_seq, tcp->rcv_nxt, sk->__sk_common.skc_flags);
	}
	tcp = (struct tcp_sock *)sk;
	if (direction == DIRECTION_TX)
		return BPF_CORE_READ(tcp, write_seq);
	return behind_bytes(BPF_CORE_READ(tcp, copied_seq), BPF_CORE_READ(tcp, rcv_nxt),
			    BPF_CORE_READ(sk, __sk_common.skc_flags));
}

/* The struct sock that a descriptor of the current task is of; 0 where it is of something else. */
static __always_inline u64 sock_of_descriptor(u32 descriptor)
{
	struct file **files, *file = NULL;
	struct socket *socket;
	u32 max;

	if (HAS_TASK_BTF) {
		struct fdtable *table = bpf_get_current_task_btf()->files->fdt;

		files = table->fd;
		max = table->max_fds;
	} else {
		struct fdtable *table = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), files, fdt);

		files = BPF_CORE_READ(table, fd);
		max = BPF_CORE_READ(table, max_fds);
	}
	if (descriptor >= max || bpf_probe_read_kernel(&file, sizeof(file), files + descriptor) || !file)
		return 0;
	if (&socket_file_ops) {
		if (BPF_CORE_READ(file, f_op) != &socket_file_ops)
			return 0;
	} else if ((BPF_CORE_READ(file, f_inode, i_mode) & 0170000) != 0140000) {
		return 0;
	}
	socket = BPF_CORE_READ(file, private_data);
	return (u64)BPF_CORE_READ(socket, sk);
}

#endif
