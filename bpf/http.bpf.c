// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * HTTP/1: the beginning of each message, and where the stream of bytes is. Heads are not parsed here: user space does
 * that, pairs requests and responses and finds their ends.
 *
 * Two backends, of which the loader takes one. The socket's tracepoints fire inside the call with the socket and the
 * number of bytes, and cost nothing on calls that are not of sockets; the buffer is found by the registers the task
 * came with. Where a kernel lacks them, the exit of every system call is looked at, and the socket found by its
 * descriptor. At the exit the registers still hold the arguments, so neither needs an entry hook.
 */
#include "include/kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "include/events.h"
#include "include/connection.h"
#include "include/http.h"
#include "include/payload.h"
#include "include/task.h"

/* Bytes of a head to capture, at most EV_DATA_MAX. */
const volatile u32 request_max = 0;
const volatile u32 response_max = 0;

enum {
	/* Chunks of a body that are reported at once; then as time passes, and where one is shorter than the one
	 * before. */
	PROGRESS_AT_ONCE = 16,
	PROGRESS_NS = 10000000,
	/* Chunks without anything known before a connection is left alone; a late one may be in the middle of a body.
	 */
	MISSES_MAX = 4,
	MISSES_MAX_LATE = 64,
	OPENING_BYTES = sizeof(struct opening),
	/* "HTTP/1.1 200" */
	STATUS_BYTES = 12,
};

/*
 * Inserted and read by has_budget(); nobody deletes. LRU: a forgotten cgroup begins with a full budget. The value is
 * the time until which the cgroup's requests so far would last at its rate.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct cgroup_key);
	__type(value, u64);
} budgets SEC(".maps");

/* What a record says beside the connection and the call. */
struct note {
	u32 max; /* bytes to capture */
	u32 ordinal;
	u8 kind; /* 0: no record */
	u8 flags;
};

static __always_inline u32 sequence_of(const struct call *call)
{
	struct tcp_sock *tcp = (struct tcp_sock *)call->sk;

	return (call->direction ? BPF_CORE_READ(tcp, write_seq) : BPF_CORE_READ(tcp, copied_seq)) - call->bytes;
}

/* Of a chunk that was captured whole. */
static __always_inline u8 ending_of(const char *end)
{
	if (end[-4] != '\r' || end[-3] != '\n' || end[-2] != '\r' || end[-1] != '\n')
		return 0;
	return HTTP_HEAD_WHOLE;
}

/* Writes a record; its flags come back. */
static __noinline int report(struct connection *c, struct work *work, const struct note *note)
{
	struct call *call = &work->call;
	struct ev_http *e = &work->e;
	u64 captured = 0, len;
	u8 flags;

	flags = note->flags;
	if (note->max)
		captured = copy_payload(note->max);
	BOUND(captured, EV_DATA_MAX);
	if (captured >= 4 && captured == call->bytes)
		flags |= ending_of(e->data + captured);
	fill_header(&e->h, EV_HTTP, 0, call->ts);
	e->h.flags = flags;
	e->h.cgroup = c->cgroup;
	e->h.hier = c->hier;
	e->h.tgid = c->tgid;
	e->h.tid = bpf_get_current_pid_tgid();
	e->h.netns = c->netns;
	e->conn = c->id;
	e->offset = call->direction ? c->tx : c->rx;
	e->rx = c->rx;
	e->tx = c->tx;
	e->last_rx = c->last_rx;
	e->last_tx = c->last_tx;
	e->chunk = call->bytes;
	e->captured = captured;
	e->ordinal = note->ordinal;
	e->tcp_seq = note->max ? sequence_of(call) : 0;
	e->kind = note->kind;
	e->role = c->role;
	e->direction = call->direction;
	e->conn_flags = c->flags;
	e->family = c->family;
	e->local_port = c->local_port;
	e->remote_port = c->remote_port;
	e->reserved = 0;
	e->reserved2 = 0;
	__builtin_memcpy(e->local, c->local, sizeof(e->local));
	__builtin_memcpy(e->remote, c->remote, sizeof(e->remote));
	__builtin_memcpy(e->comm, c->comm, sizeof(e->comm));
	len = (__builtin_offsetof(struct ev_http, data) + captured + 7) & ~7ull;
	BOUND(len, (int)sizeof(struct ev_http));
	e->h.len = len;
	ring_write(e, len);
	return flags;
}

/* Whether the cgroup may have one more request reported; takes it if so. */
static __always_inline bool has_budget(const struct connection *c, const struct control *control, u64 now)
{
	struct cgroup_key key = { .id = c->cgroup, .hier = c->hier };
	u64 interval, until = now, *known;

	if (!control->rate)
		return true;
	interval = 1000000000ull / control->rate;
	known = bpf_map_lookup_elem(&budgets, &key);
	if (known && *known > now) {
		until = *known;
		if (until - now > interval * control->burst)
			return false;
	}
	until += interval;
	if (known)
		*known = until;
	else
		/* If it fails, the cgroup has its whole budget again. */
		(void)bpf_map_update_elem(&budgets, &key, &until, BPF_ANY);
	return true;
}

/*
 * Whether this request is held back. That changes only between exchanges: else the answer to one that was reported
 * would be missing, or one that was not would be taken for another's.
 */
static __always_inline bool is_muted(struct connection *c, const struct control *control, u64 now)
{
	if (c->unanswered <= 0) {
		c->unanswered = 0;
		c->muted = !has_budget(c, control, now);
	}
	c->unanswered++;
	if (c->muted) {
		c->flags |= CONN_MUTED;
		COUNT(muted, 1);
	}
	return c->muted;
}

static __always_inline void leave_alone(struct connection *c)
{
	c->protocol = PROTOCOL_OTHER;
	c->flags |= CONN_OTHER;
}

/* The first head decides who is the client; later ones must agree with it, or they are bytes of something else. */
static __always_inline bool takes_role(struct connection *c, u8 role, u64 sk)
{
	if (c->role == ROLE_UNKNOWN) {
		c->role = role;
		judge(sk);
	}
	return c->role == role;
}

/* bpf_task_pt_regs hands out what the task came with, even where kernel code of another call is at work. */
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

static __always_inline void note_request(struct note *note, struct connection *c, u64 ts, bool is_connect)
{
	const struct control *control = get_control();
	u32 ordinal = ++c->requests;

	c->tunnel = is_connect;
	if (!control || is_muted(c, control, ts))
		return;
	note->kind = HTTP_REQUEST;
	note->max = request_max;
	note->ordinal = ordinal;
}

static __always_inline void note_response(struct note *note, struct connection *c, const struct opening *o)
{
	if (!is_interim(o) || is_switching(o)) {
		note->ordinal = ++c->responses;
		c->unanswered--;
		c->in_response = 1;
		c->progress = 0;
		c->previous = 0;
	}
	if (is_switching(o) || (c->tunnel && is_success(o)))
		leave_alone(c);
	if (c->muted)
		return;
	note->kind = HTTP_RESPONSE;
	note->max = response_max;
}

/* Alone, or behind the end of another chunk: a line "0" of the body itself must not be taken for it. */
static __always_inline bool ends_chunked(const struct call *call)
{
	char tail[8] = {};
	u32 len = call->bytes == 5 ? 5 : 7;
	u64 at = last_bytes(len);
	char *end = tail + 2;

	if (!at || call->bytes < 5)
		return false;
	if (len == 5) {
		if (bpf_probe_read_user(end, 5, (void *)at))
			return false;
	} else if (bpf_probe_read_user(tail, 7, (void *)at) || tail[0] != '\r' || tail[1] != '\n') {
		return false;
	}
	return end[0] == '0' && end[1] == '\r' && end[2] == '\n' && end[3] == '\r' && end[4] == '\n';
}

static __always_inline void note_body(struct note *note, struct connection *c, const struct call *call)
{
	u32 previous = c->previous;

	if (!c->in_response || c->muted || (c->role == ROLE_SERVER) != call->direction)
		return;
	if (call->is_readable && ends_chunked(call))
		note->flags = HTTP_ENDS_CHUNKED;
	c->previous = call->bytes;
	if (!note->flags && c->progress >= PROGRESS_AT_ONCE && call->bytes >= previous &&
	    call->ts - c->last_progress < PROGRESS_NS)
		return;
	if (c->progress < PROGRESS_AT_ONCE)
		c->progress++;
	c->last_progress = call->ts;
	note->kind = HTTP_PROGRESS;
	note->ordinal = c->responses;
}

/* The first bytes, also where they lie in several small pieces. */
static __always_inline bool read_opening(struct work *work)
{
	struct call *call = &work->call;
	u64 at = first_buffer();
	u64 max = call->bytes;

	__builtin_memset(&work->opening, 0, sizeof(work->opening));
	if (!at)
		return false;
	if (call->pieces && work->first_len < OPENING_BYTES && call->bytes > work->first_len) {
		if (copy_payload(OPENING_BYTES) < STATUS_BYTES)
			return false;
		__builtin_memcpy(&work->opening, work->e.data, STATUS_BYTES);
		return true;
	}
	BOUND(max, OPENING_BYTES);
	return !bpf_probe_read_user(&work->opening, max, (void *)at);
}

static __always_inline void count_unread(struct connection *c, const struct call *call)
{
	if (call->nr == NR_sendfile || call->nr == NR_splice) {
		c->flags |= CONN_SENDFILE;
		return;
	}
	c->flags |= CONN_UNREAD;
	COUNT(unread, 1);
}

/* What the chunk begins with, as far as its bytes can be trusted. */
static __always_inline enum opening_kind look(struct connection *c, struct work *work)
{
	struct call *call = &work->call;
	enum opening_kind kind = OPENING_UNKNOWN;

	if (!call->is_readable) {
		count_unread(c, call);
		return OPENING_UNKNOWN;
	}
	if (call->bytes < 4)
		return OPENING_UNKNOWN;
	if (read_opening(work))
		kind = kind_of(&work->opening);
	else
		count_unread(c, call);
	/* Kernel code may send inside a call on something else, io_uring for one: then the registers are not of this
	 * socket. */
	if (kind == OPENING_UNKNOWN || sock_of_descriptor(call->arg0) == call->sk)
		return kind;
	count_unread(c, call);
	call->is_readable = 0;
	return OPENING_UNKNOWN;
}

static __always_inline bool takes_head(struct connection *c, enum opening_kind kind, const struct call *call)
{
	bool is_client = (kind == OPENING_RESPONSE) != (call->direction == DIRECTION_TX);

	if (!takes_role(c, is_client ? ROLE_CLIENT : ROLE_SERVER, call->sk))
		return false;
	c->protocol = PROTOCOL_HTTP;
	c->flags |= CONN_HTTP;
	return true;
}

/* What is to be said of the chunk, if anything. */
static __always_inline void note_chunk(struct note *note, struct connection *c, struct work *work)
{
	enum opening_kind kind = look(c, work);
	struct call *call = &work->call;

	if (kind == OPENING_OTHER && c->protocol == PROTOCOL_UNKNOWN) {
		leave_alone(c);
		return;
	}
	if (kind != OPENING_UNKNOWN && kind != OPENING_OTHER && takes_head(c, kind, call)) {
		/* Its role may have put it out of the sample. */
		if (!(c->probes & PROBE_BIT(PROBE_HTTP)))
			return;
		if (kind == OPENING_RESPONSE)
			note_response(note, c, &work->opening);
		else
			note_request(note, c, call->ts, kind == OPENING_CONNECT);
		return;
	}
	if (c->protocol == PROTOCOL_UNKNOWN) {
		if (++c->misses > (c->flags & CONN_LATE ? MISSES_MAX_LATE : MISSES_MAX))
			leave_alone(c);
		return;
	}
	if (call->is_readable && c->wanted[call->direction & 1] && !c->muted) {
		note->kind = HTTP_CONT;
		note->max = c->wanted[call->direction & 1];
		return;
	}
	note_body(note, c, call);
}

static __always_inline void inspect(struct connection *c, struct work *work)
{
	struct call *call = &work->call;
	struct note note = {};
	int flags;

	note_chunk(&note, c, work);
	if (!note.kind)
		return;
	flags = report(c, work, &note);
	/* The rest of a head is in the next chunks, as long as there is something left to capture. */
	if (note.max)
		c->wanted[call->direction & 1] =
			!(flags & HTTP_HEAD_WHOLE) && call->bytes < note.max ? note.max - call->bytes : 0;
}

static __always_inline struct connection *meet_late(struct sock *sk, u64 ts)
{
	struct connection c = no_connection;
	u64 key = (u64)sk;

	c.id = __sync_fetch_and_add(&connection_count, 1) * 2 + 1;
	c.start = c.established = ts;
	c.flags = CONN_LATE;
	fill_addresses(&c, sk);
	if (bpf_map_update_elem(&connections, &key, &c, BPF_NOEXIST))
		COUNT(table_full, 1);
	return bpf_map_lookup_elem(&connections, &key);
}

/* A call on a socket, before its work is taken up. */
struct event {
	struct sock *sk;
	u64 arg0;
	u64 arg1;
	u64 arg2;
	long nr;
	u32 bytes;
	u8 direction;
};

static __always_inline void work_on(struct connection *c, const struct event *event, u64 ts)
{
	struct work *work = get_work();
	struct call *call;

	/* Busy: an interrupt sends in the middle of another call. */
	if (!work || work->is_busy) {
		COUNT(unread, 1);
		return;
	}
	work->is_busy = 1;
	call = &work->call;
	__builtin_memset(call, 0, sizeof(*call));
	call->sk = (u64)event->sk;
	call->ts = ts;
	call->arg0 = event->arg0;
	call->nr = event->nr;
	call->bytes = event->bytes;
	call->direction = event->direction;
	locate(call, event->arg1, event->arg2);
	inspect(c, work);
	work->is_busy = 0;
}

static __always_inline int handle_data(const struct event *event)
{
	const struct control *control = get_control();
	u64 key = (u64)event->sk, ts = bpf_ktime_get_boot_ns();
	struct connection *c = bpf_map_lookup_elem(&connections, &key);

	if (!c)
		c = meet_late(event->sk, ts);
	if (!c || !control)
		return 0;
	if (!c->tgid) {
		if (!own(c))
			return 0;
		c->generation = 0;
	}
	if (c->generation != control->generation)
		judge(number_of(event->sk));
	if (c->protocol != PROTOCOL_OTHER && c->probes & PROBE_BIT(PROBE_HTTP))
		work_on(c, event, ts);
	if (event->direction == DIRECTION_TX) {
		c->tx += event->bytes;
		c->last_tx = ts;
	} else {
		c->rx += event->bytes;
		c->last_rx = ts;
	}
	return 0;
}

static __always_inline bool is_tcp(struct sock *sk)
{
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	return (family == AF_INET || family == AF_INET6) && BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP;
}

static __always_inline int handle_socket(struct sock *sk, int bytes, int flags, u8 direction)
{
	u16 family = sk->__sk_common.skc_family;
	struct event event = { .sk = sk, .bytes = bytes, .direction = direction };
	struct task_struct *task;
	struct pt_regs *regs;

	if (bytes <= 0 || (family != AF_INET && family != AF_INET6) || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	if (direction == DIRECTION_RX && flags & (MSG_PEEK | MSG_ERRQUEUE))
		return 0;
	task = bpf_get_current_task_btf();
	if (task->flags & PF_KTHREAD || IS_COMPAT_TASK(task))
		return 0;
	regs = (struct pt_regs *)bpf_task_pt_regs(task);
	/* With MSG_TRUNC nothing is copied. */
	event.nr = direction == DIRECTION_RX && flags & MSG_TRUNC ? -1 : SYSCALL_NR(regs);
	event.arg0 = SYSCALL_ARG0(regs);
	event.arg1 = SYSCALL_ARG1(regs);
	event.arg2 = SYSCALL_ARG2(regs);
	return handle_data(&event);
}

/* The direction of a call that moves bytes of a socket; -1 for all others. */
static __always_inline int direction_of(long nr)
{
	switch (nr) {
	case NR_read:
	case NR_readv:
	case NR_preadv2:
	case NR_recvfrom:
	case NR_recvmsg:
		return DIRECTION_RX;
	case NR_write:
	case NR_writev:
	case NR_pwritev2:
	case NR_sendto:
	case NR_sendmsg:
	case NR_sendfile:
		return DIRECTION_TX;
	}
	return -1;
}

static __always_inline u64 receive_flags_of(long nr, struct pt_regs *regs)
{
	if (nr == NR_recvfrom)
		return SYSCALL_ARG3(regs);
	return nr == NR_recvmsg ? SYSCALL_ARG2(regs) : 0;
}

static __always_inline int handle_syscall(struct pt_regs *regs, long result)
{
	long nr = SYSCALL_NR(regs);
	int direction = direction_of(nr);
	struct event event = { .bytes = result, .direction = direction, .nr = nr };
	u64 flags;

	if (direction < 0 || result <= 0)
		return 0;
	event.arg0 = SYSCALL_ARG0(regs);
	event.sk = (struct sock *)sock_of_descriptor(event.arg0);
	if (!event.sk || !is_tcp(event.sk) || IS_COMPAT_TASK((struct task_struct *)bpf_get_current_task()))
		return 0;
	flags = receive_flags_of(nr, regs);
	if (flags & (MSG_PEEK | MSG_ERRQUEUE))
		return 0;
	if (flags & MSG_TRUNC)
		event.nr = -1;
	event.arg1 = SYSCALL_ARG1(regs);
	event.arg2 = SYSCALL_ARG2(regs);
	return handle_data(&event);
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(on_send, struct sock *sk, int bytes, int flags)
{
	return handle_socket(sk, bytes, flags, DIRECTION_TX);
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(on_receive, struct sock *sk, int bytes, int flags)
{
	return handle_socket(sk, bytes, flags, DIRECTION_RX);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *regs, long result)
{
	return handle_syscall(regs, result);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
