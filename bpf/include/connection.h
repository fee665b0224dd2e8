/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * TCP connections, keyed by their struct sock: so fork, dup, a descriptor passed to another process and one that was
 * open before need no books of their own.
 */
#ifndef PODSTAMP_CONNECTION_H
#define PODSTAMP_CONNECTION_H

#include "filter.h"
#include <bpf/bpf_endian.h>

/* What flows on a connection, as far as is known. */
enum protocol {
	PROTOCOL_UNKNOWN = 0,
	PROTOCOL_HTTP = 1,
	PROTOCOL_OTHER = 2,
};

/* "\r\n\r\n" in connection.endings. */
#define EMPTY_LINE 0x0a0d0a0d

/* Who has ended their half first. */
enum ending_side {
	ENDED_BY_NOBODY = 0,
	ENDED_HERE = 1,
	ENDED_THERE = 2,
};

struct connection {
	/* What each call on it reads or changes, together: cache lines are what it costs. */
	u64 rx;
	u64 tx;
	u64 last_rx;
	u64 last_tx;
	u32 generation; /* of the filters that probes is of */
	u32 probes;	/* mask */
	u32 tgid;	/* 0: nobody has used it yet */
	u8 role;
	u8 flags;
	u8 protocol;
	u8 muted;
	s32 unanswered;
	u32 requests; /* heads */
	u32 responses;
	u32 wanted[2];	  /* bytes of the head to capture still, by direction */
	u32 positions[2]; /* TCP sequence numbers behind the last bytes that were seen, by direction */
	u8 placed;	  /* a mask of the directions that have one */
	u8 in_response;
	u8 tunnel; /* a CONNECT waits for its answer */
	u8 misses; /* chunks that looked like nothing known */
	u8 ended;  /* enum ending_side */
	u8 is_ignored;
	u8 is_over;	/* it has ended before anybody was met who uses it, or has read it all, and its socket is still
			   there */
	u8 begun;	/* bytes of `beginning` */
	u32 previous;	/* length of the chunk of a body before */
	u32 endings[2]; /* the last four bytes that were seen, the last one highest, by direction; 0: not known */
	u32 hier;
	u64 cgroup;
	u64 last_progress;
	u64 beginning; /* the last bytes received, the first one lowest, as long as they may begin a head */
	u64 begun_at;
	u64 id;
	u64 start;
	u64 established;
	u64 closing;
	u32 netns;
	s32 error;    /* of one that is over, before the task that closes it has taken it away */
	u16 progress; /* records of this body */
	u16 local_port;
	u16 remote_port;
	u16 family;
	u8 local[16];
	u8 remote[16];
	char comm[EV_COMM_MAX];
};

/*
 * Inserted by tcp.bpf.c at connect and accept, by http.bpf.c for one that was open before; read by both; deleted by
 * tcp.bpf.c at TCP_CLOSE. LRU: what is forgotten is met again as a late one. The loader sets the size.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, u64);
	__type(value, struct connection);
} connections SEC(".maps");

/*
 * Written by the loader, read by judge(): what a port is, included or excluded.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, u32);
} port_filters SEC(".maps");

/* The client's end of a connection: the same seen from both sides, also behind a ClusterIP. */
struct client_end {
	u8 address[16];
	u32 port;
	u32 netns; /* where the address is another in each; else 0 */
};

/*
 * Inserted by judge() for connections of processes that are ignored, read by it for the other side, so that the server
 * of podstamp's own exports on this node is not traced either; deleted by tcp.bpf.c at TCP_CLOSE. LRU.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct client_end);
	__type(value, u8);
} ignored_ends SEC(".maps");

static const struct connection no_connection = {};

/* Numbers connections of this object; the other object that makes some has the odd ones. */
static u64 connection_count;

static __always_inline bool is_mapped(const u8 *address)
{
	u64 high;
	u32 prefix;

	__builtin_memcpy(&high, address, sizeof(high));
	__builtin_memcpy(&prefix, address + 8, sizeof(prefix));
	return !high && prefix == 0xffff0000;
}

static __always_inline void fill_addresses(struct connection *c, struct sock *sk)
{
	struct sock_common *common = &sk->__sk_common;

	c->family = BPF_CORE_READ(common, skc_family);
	c->local_port = BPF_CORE_READ(common, skc_num);
	c->remote_port = bpf_ntohs(BPF_CORE_READ(common, skc_dport));
	c->netns = BPF_CORE_READ(common, skc_net.net, ns.inum);
	if (c->family == AF_INET6) {
		BPF_CORE_READ_INTO(&c->local, common, skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&c->remote, common, skc_v6_daddr);
		/* A socket of version 6 that talks version 4. */
		if (is_mapped(c->remote))
			c->family = AF_INET;
	} else {
		u32 local = BPF_CORE_READ(common, skc_rcv_saddr);
		u32 remote = BPF_CORE_READ(common, skc_daddr);

		c->local[10] = c->local[11] = c->remote[10] = c->remote[11] = 0xff;
		__builtin_memcpy(c->local + 12, &local, 4);
		__builtin_memcpy(c->remote + 12, &remote, 4);
	}
}

static __always_inline bool is_loopback(const u8 *address)
{
	u64 high, low;

	__builtin_memcpy(&high, address, sizeof(high));
	__builtin_memcpy(&low, address + 8, sizeof(low));
	/* 127.0.0.0/8 behind ::ffff:, and ::1, in the network's order. */
	return !high && ((low & 0xffffffffff) == 0x7fffff0000 || low == 1ull << 56);
}

static __always_inline void client_end_of(struct client_end *end, const struct connection *c)
{
	bool is_client = c->role == ROLE_CLIENT;

	__builtin_memcpy(end->address, is_client ? c->local : c->remote, 16);
	end->port = is_client ? c->local_port : c->remote_port;
	end->netns = is_loopback(end->address) ? c->netns : 0;
}

/* The same number at both ends, so that both are sampled or neither; the top bits are the best. */
static __always_inline u32 hash_of(const struct client_end *end)
{
	u64 low, high, hash;

	__builtin_memcpy(&low, end->address, 8);
	__builtin_memcpy(&high, end->address + 8, 8);
	hash = (low ^ end->port) * 0x9e3779b97f4a7c15ull;
	hash = (hash ^ (hash >> 29) ^ high) * 0xbf58476d1ce4e5b9ull;
	hash = (hash ^ (hash >> 32)) * 0x94d049bb133111ebull;
	return hash >> 32;
}

static __always_inline bool is_port_wanted(const struct control *control, const struct connection *c)
{
	u32 local = c->local_port, remote = c->remote_port;
	u32 *local_filter = NULL, *remote_filter = NULL;

	if (!control->has_ports)
		return true;
	/* The server's port counts, and both as long as nobody knows which it is. */
	if (c->role != ROLE_CLIENT)
		local_filter = bpf_map_lookup_elem(&port_filters, &local);
	if (c->role != ROLE_SERVER)
		remote_filter = bpf_map_lookup_elem(&port_filters, &remote);
	if ((local_filter && *local_filter == PORT_EXCLUDED) || (remote_filter && *remote_filter == PORT_EXCLUDED))
		return false;
	return !control->only_included_ports || local_filter || remote_filter;
}

/*
 * Decides which probes may report the connection of this struct sock; again when a filter has changed, or its owner or
 * role has become known. Global, so that the verifier looks at it once.
 */
__noinline int judge(u64 sk)
{
	struct connection *c = bpf_map_lookup_elem(&connections, &sk);
	const struct control *control = get_control();
	struct client_end end = {};
	u32 hash;
	u8 yes = 1;

	if (!c || !control)
		return 0;
	c->generation = control->generation;
	c->probes = probes_of(control, c->cgroup, c->hier, c->tgid);
	/* What goes by from here on is not seen: if it is wanted again, requests and answers would not fit. */
	if (c->protocol == PROTOCOL_HTTP && !(c->probes & PROBE_BIT(PROBE_HTTP))) {
		c->protocol = PROTOCOL_OTHER;
		c->flags |= CONN_MUTED;
	}
	client_end_of(&end, c);
	c->is_ignored = bpf_map_lookup_elem(&ignored_tgids, &c->tgid) != NULL;
	if (c->is_ignored) {
		/* If it fails, the other side of one connection of podstamp's is traced. */
		(void)bpf_map_update_elem(&ignored_ends, &end, &yes, BPF_ANY);
		return 0;
	}
	if (bpf_map_lookup_elem(&ignored_ends, &end) || !is_port_wanted(control, c)) {
		c->probes = 0;
		return 0;
	}
	if (c->role == ROLE_UNKNOWN)
		return 0;
	hash = hash_of(&end);
	if (hash > control->http_sample)
		c->probes &= ~PROBE_BIT(PROBE_HTTP);
	if (hash > control->tcp_sample)
		c->probes &= ~PROBE_BIT(PROBE_TCP);
	return 0;
}

/*
 * Counts bytes that no call told of, of which the stream has moved on all the same. Where two tasks read or write at
 * once the difference may be less than nothing, until the other's call is told, too.
 */
static __always_inline void count_unseen(struct connection *c, u8 direction, s32 bytes)
{
	u64 *total = direction == DIRECTION_TX ? &c->tx : &c->rx;

	*total += bytes;
	if (bytes > 0)
		c->flags |= CONN_UNSEEN;
}

/* The current task becomes the owner. False when its cgroup could not be announced: then the next one is asked. */
static __always_inline bool own(struct connection *c)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct identity who = current_identity();

	if (!announce(&who))
		return false;
	c->cgroup = who.id;
	c->hier = who.hier;
	c->tgid = bpf_get_current_pid_tgid() >> 32;
	/* The process' name, not that of one of its threads. */
	BPF_CORE_READ_STR_INTO(&c->comm, task, group_leader, comm);
	return true;
}

#endif
