/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The records that the probes and the loader write and that src/ebpf reads: the one description of them.
 *
 * Little-endian, fixed width, no holes, every record a multiple of 8 bytes. What varies in length is the last field and
 * begins at a multiple of 8. `npm run build:bpf` makes src/ebpf/abi.ts of this (through abi.c and its BTF) and a hash
 * of the layout, which the loader has compiled in and sends first: a loader of another layout is refused.
 */
#ifndef PODSTAMP_EVENTS_H
#define PODSTAMP_EVENTS_H

#ifndef PODSTAMP_KERNEL_H
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
#endif

#define EV_MAGIC	   0x53444f50 /* "PODS" */

#define EV_COMM_MAX	   16
#define EV_CGROUP_PATH_MAX 1024
#define EV_FILE_MAX	   256
#define EV_ARGS_MAX	   1024
#define EV_DATA_MAX	   4096
#define EV_TEXT_MAX	   2048

enum ev_record_type {
	/* Of the loader. */
	EV_HELLO = 1,
	EV_CLOCK = 2,
	EV_STATS = 3,
	EV_PROBE = 4,
	EV_READY = 5,
	/* Of the kernel. */
	EV_CGROUP = 8,
	EV_EXEC = 10,
	EV_EXIT = 11,
	EV_CONN = 20,
	EV_HTTP = 30,
	EV_OOM = 40,
	EV_SIGNAL = 41,
	/* Kept for what comes: 50 DNS, 60 TLS, 61 HTTP/2, 70 metrics. */
};

/* Probes, as bits of masks and as indexes: bit 1 << probe. */
enum ev_probe_id {
	PROBE_PROCESS = 0,
	PROBE_TCP = 1,
	PROBE_HTTP = 2,
	PROBE_OOM = 3,
	PROBE_SIGNAL = 4,
};

enum ev_probe_status {
	PROBE_STATUS_OFF = 0,
	PROBE_STATUS_ATTACHED = 1,
	PROBE_STATUS_FAILED = 2,
};

/* Why a probe could not be attached. */
enum ev_reason {
	REASON_NONE = 0,
	REASON_NO_BTF = 1,
	REASON_NO_CAPABILITY = 2,
	REASON_LOCKDOWN = 3,
	REASON_NO_HOOK = 4,
	REASON_REFUSED = 5,
	REASON_VERIFIER = 6,
	REASON_NO_MEMORY = 7,
	REASON_OTHER = 8,
};

/* Where the payload of a connection is read. */
enum ev_backend {
	BACKEND_NONE = 0,
	BACKEND_SOCKET = 1,
	BACKEND_SYSCALL = 2,
};

enum ev_role {
	ROLE_UNKNOWN = 0,
	ROLE_CLIENT = 1,
	ROLE_SERVER = 2,
};

/* Of a connection; bits. */
enum ev_conn_flag {
	/* It was open before the probe, or was forgotten for want of room: bytes before are not in rx and tx. */
	CONN_LATE = 1,
	/* HTTP/1 was seen on it. */
	CONN_HTTP = 2,
	/* Some bytes went by io_uring or by kernel code and were counted, not read. */
	CONN_UNREAD = 4,
	/* Some bytes went by sendfile or splice: never a head. */
	CONN_SENDFILE = 8,
	/* It was never established. */
	CONN_FAILED = 16,
	/* Messages were held back by the rate limit or a filter: an unanswered request may have had its answer. */
	CONN_MUTED = 32,
	/* It became another protocol (101, CONNECT), or was never HTTP. */
	CONN_OTHER = 64,
	/* Some bytes went by without a call that is seen, such as a splice() from the socket: they are counted when
	 * others follow, or at the end. */
	CONN_UNSEEN = 128,
};

enum ev_direction {
	DIRECTION_RX = 0,
	DIRECTION_TX = 1,
};

enum ev_http_kind {
	/* A chunk that begins with the head of a request, or of a response. */
	HTTP_REQUEST = 1,
	HTTP_RESPONSE = 2,
	/* More of a head that was not whole, in the same direction. */
	HTTP_CONT = 3,
	/* Bytes of a response's body: where the stream is, without payload. */
	HTTP_PROGRESS = 4,
	/* The connection has closed. */
	HTTP_END = 5,
};

/* In the header's flags of EV_HTTP; bits. */
enum ev_http_flag {
	/* The chunk ends with "0\r\n\r\n": the end of a chunked body, if there is one. */
	HTTP_ENDS_CHUNKED = 1,
	/* The chunk ends with "\r\n\r\n"; of HTTP_END: so did what came last of the side that answers, or nobody knows.
	 */
	HTTP_HEAD_WHOLE = 2,
	/* Of HTTP_END: the side that answers has ended the connection, and the other one has read all of it. */
	HTTP_ENDED_BY_SERVER = 4,
	/* As many bytes of a head as may be have been captured: no HTTP_CONT follows. */
	HTTP_CAPTURED_ALL = 8,
};

/* In the flags of EV_EXIT; bits. */
enum ev_exit_flag {
	EXIT_OOM = 1,
	EXIT_CORE = 2,
};

/* What the target of a signal does with it. */
enum ev_disposition {
	DISPOSITION_DEFAULT = 0,
	DISPOSITION_IGNORED = 1,
	DISPOSITION_HANDLED = 2,
};

/* First in every record. */
struct ev_header {
	u32 len;  /* of the whole record, a multiple of 8 */
	u16 type; /* enum ev_record_type */
	u8 cpu;
	u8 flags;
	u64 ts;	    /* CLOCK_BOOTTIME, ns */
	u64 cgroup; /* kernfs ID of the owner's cgroup, 0 when unknown; an EV_CGROUP of (hier, cgroup) came before */
	u32 hier;   /* 0 is version 2, else the ID of the version 1 hierarchy */
	u32 tgid;   /* of the owner, in the root PID namespace; 0 when unknown */
	u32 tid;
	u32 netns; /* inode of the owner's network namespace, 0 where it does not matter */
};

struct ev_hello {
	struct ev_header h;
	u32 magic; /* EV_MAGIC */
	u32 layout_hash;
	u64 capabilities; /* effective, after dropping */
	char kernel[64];  /* uname -r */
	char machine[16]; /* uname -m */
};

/* Sent at start and every 10 s: real_ns - boot_ns turns each ts into wall-clock time. */
struct ev_clock {
	struct ev_header h;
	u64 boot_ns;
	u64 real_ns;
	u64 uncertainty_ns;
};

/* Totals since the loader's start. Sent each second in which one of them changed, and every 10 s. */
struct ev_stats {
	struct ev_header h;
	u64 lost; /* records that found no room in the ring */
	u64 lost_bytes;
	u64 lost_cgroup; /* records not sent because their cgroup could not be announced */
	u64 muted;	 /* HTTP requests held back by the rate limit */
	u64 unread;	 /* chunks of known connections whose bytes could not be read */
	u64 table_full;	 /* connections that found no room in the table */
	u64 malformed;	 /* records that the loader did not pass on, since their length was wrong */
	u64 written;	 /* records of the kernel passed on */
	u64 written_bytes;
};

/* What has become of a probe: one for each probe asked for, before EV_READY and after a change. */
struct ev_probe {
	struct ev_header h;
	u32 probe;   /* enum ev_probe_id */
	u32 status;  /* enum ev_probe_status */
	u32 reason;  /* enum ev_reason */
	u32 backend; /* enum ev_backend, of PROBE_HTTP */
	s32 error;   /* errno, 0 for none */
	u32 text_len;
	char text[EV_TEXT_MAX]; /* a sentence for the operator, then the end of the verifier's log */
};

struct ev_ready {
	struct ev_header h;
	u32 probes;    /* mask of those attached */
	u32 self_tgid; /* the loader, in the root PID namespace */
	u32 parent_tgid;
	u32 self_hier;
	u64 self_cgroup;
	u64 load_ns; /* how long it took */
};

/* The path of (hier, cgroup), which the header names: before the first record that uses it, and now and then again. */
struct ev_cgroup {
	struct ev_header h;
	u32 level; /* 0 is the root */
	u32 path_len;
	char path[EV_CGROUP_PATH_MAX]; /* names from the leaf up, each followed by '/'; cut at the root's end */
};

struct ev_exec {
	struct ev_header h;
	u64 start; /* CLOCK_BOOTTIME at the fork: (tgid, start) names the process */
	u32 ppid;
	u32 uid;
	u32 ns_pid; /* in its own PID namespace */
	u32 pid_ns;
	u32 mnt_ns;
	u32 argc;
	u32 args_len;
	u32 file_len;
	char comm[EV_COMM_MAX];
	char file[EV_FILE_MAX]; /* as it was given to execve */
	char args[EV_ARGS_MAX]; /* each ends with a 0; cut at the setting */
};

struct ev_exit {
	struct ev_header h;
	u64 start;
	u32 ppid;
	u32 uid;
	u32 ns_pid;
	u32 pid_ns;
	u32 status; /* 0 to 255 */
	u32 signal; /* that ended it, 0 for none */
	u32 flags;  /* enum ev_exit_flag */
	u32 reserved;
	u64 utime_ns;
	u64 stime_ns;
	u64 maxrss_bytes;
	char comm[EV_COMM_MAX];
};

/* One for each TCP connection, when it has closed or could not be made. */
struct ev_conn {
	struct ev_header h;
	u64 id; /* the conn of its EV_HTTP */
	u64 start;
	u64 established; /* 0: never */
	u64 end;
	u64 tx; /* bytes that the other side has been sent, each once */
	u64 rx;
	u32 srtt_us;
	u32 retransmits; /* segments */
	s32 error;	 /* errno of its end, 0 for none */
	u8 role;	 /* enum ev_role */
	u8 flags;	 /* enum ev_conn_flag */
	u16 family;	 /* 2 or 10 */
	u16 local_port;
	u16 remote_port;
	u32 reserved;
	u8 local[16]; /* IPv4 as ::ffff:a.b.c.d */
	u8 remote[16];
	char comm[EV_COMM_MAX];
};

struct ev_http {
	struct ev_header h;
	u64 conn;
	u64 offset; /* of the chunk's first byte in its direction, from where the probe began to see the connection */
	u64 rx;	    /* totals and times of both directions before this chunk */
	u64 tx;
	u64 last_rx;
	u64 last_tx;
	u32 chunk;     /* bytes that this call moved */
	u32 captured;  /* bytes in data */
	u32 ordinal;   /* of the head in its direction, from 1; 0 for 1xx and other kinds. A gap means loss */
	u32 tcp_seq;   /* sequence number of the head's first byte: the same at both ends */
	u8 kind;       /* enum ev_http_kind */
	u8 role;       /* enum ev_role */
	u8 direction;  /* enum ev_direction */
	u8 conn_flags; /* enum ev_conn_flag */
	u16 family;
	u16 local_port;
	u16 remote_port;
	u16 reserved;
	u32 reserved2;
	u8 local[16];
	u8 remote[16];
	char comm[EV_COMM_MAX];
	char data[EV_DATA_MAX];
};

/* The kernel has chosen a victim: the header's owner. Its EV_EXIT follows with EXIT_OOM. */
struct ev_oom {
	struct ev_header h;
	u32 trigger_tgid; /* who asked for the memory */
	u32 reserved;
	char comm[EV_COMM_MAX];
};

/* A signal that can kill was sent to the header's owner. */
struct ev_signal {
	struct ev_header h;
	u64 sender_cgroup;
	u32 sender_hier;
	u32 sender_tgid;
	s32 signal;
	s32 code;	 /* si_code; 128: the kernel */
	u32 disposition; /* enum ev_disposition */
	u32 result;	 /* 0 delivered, 1 ignored, 2 pending already, 3 queue full, 4 without its details */
	char comm[EV_COMM_MAX];
	char sender_comm[EV_COMM_MAX];
};

#endif
