// SPDX-License-Identifier: Apache-2.0
/*
 * What the loader may do: bpf() and little else. No user of its own where it was root, no other capability, no new ones
 * by execve, and of the system calls only those on the list below.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loader.h"

#define NOBODY		 65534
#define BIT(n)		 (1ull << (n))
#define BPF_CAPABILITIES (BIT(CAP_BPF) | BIT(CAP_PERFMON))

static bool fail(const char *action)
{
	fprintf(stderr, "Cannot %s: %s\n", action, strerror(errno));
	return false;
}

u64 effective_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data))
		return 0;
	return data[0].effective | (u64)data[1].effective << 32;
}

static bool set_capabilities(u64 mask)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = mask, .permitted = mask },
		{ .effective = mask >> 32, .permitted = mask >> 32 },
	};

	return syscall(SYS_capset, &header, data) == 0;
}

/* Kernels before 5.11 count BPF's memory against this limit. Elsewhere, and without the capability, it does nothing. */
void raise_memlock(void)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	(void)setrlimit(RLIMIT_MEMLOCK, &unlimited);
}

/* CAP_SYS_ADMIN stands for both where a container engine does not know them by name. */
static u64 capabilities_to_keep(u64 held)
{
	if ((held & BPF_CAPABILITIES) == BPF_CAPABILITIES)
		return BPF_CAPABILITIES;
	return held & (BPF_CAPABILITIES | BIT(CAP_SYS_ADMIN));
}

/* Root without capabilities still owns the machine's files. Without CAP_SETUID it stays what it is. */
static bool become_nobody(u64 held)
{
	if (geteuid() != 0 || !(held & BIT(CAP_SETUID)) || !(held & BIT(CAP_SETGID)))
		return true;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		return fail("become an ordinary user");
	return true;
}

bool drop_privileges(void)
{
	u64 held = effective_capabilities();

	if (held & BIT(CAP_SETPCAP))
		for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
			if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0))
				return fail("drop a capability from the bounding set");
	if (!become_nobody(held))
		return false;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return fail("clear the ambient capabilities");
	if (!set_capabilities(capabilities_to_keep(held)))
		return fail("drop capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail("forbid new privileges");
	return true;
}

bool die_with_parent(int parent)
{
	/* After the change of user, which clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
		return fail("die with the parent");
	return getppid() == parent;
}

#if defined(__x86_64__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_AARCH64
#else
#error "Cannot build the loader: the target must be x86-64 or arm64"
#endif

#define OFFSET(field) ((u32)offsetof(struct seccomp_data, field))
#define LOAD(field)   BPF_STMT(BPF_LD | BPF_W | BPF_ABS, OFFSET(field))
#define RETURN(what)  BPF_STMT(BPF_RET | BPF_K, what)
#define ALLOW(nr)     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), RETURN(SECCOMP_RET_ALLOW)

bool forbid_system_calls(void)
{
	struct sock_filter program[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_HERE, 1, 0),
		RETURN(SECCOMP_RET_KILL_PROCESS),
		LOAD(nr),
		/* The work. */
		ALLOW(__NR_bpf),
		ALLOW(__NR_read),
		ALLOW(__NR_write),
		ALLOW(__NR_writev),
		ALLOW(__NR_close),
		ALLOW(__NR_ppoll),
		ALLOW(__NR_epoll_create1),
		ALLOW(__NR_epoll_ctl),
		ALLOW(__NR_epoll_pwait),
		ALLOW(__NR_clock_gettime),
		ALLOW(__NR_exit_group),
		/* What libbpf asks of the system, and of its files. */
		ALLOW(__NR_newfstatat),
		ALLOW(__NR_fstat),
		ALLOW(__NR_lseek),
		ALLOW(__NR_faccessat),
		ALLOW(__NR_uname),
		ALLOW(__NR_sysinfo),
		ALLOW(__NR_capget),
		ALLOW(__NR_prlimit64),
		ALLOW(__NR_fcntl),
		ALLOW(__NR_dup3),
		ALLOW(__NR_memfd_create), /* libbpf 1.4 and later */
		ALLOW(__NR_statx),
		/* Memory and the C library. */
		ALLOW(__NR_mmap),
		ALLOW(__NR_munmap),
		ALLOW(__NR_mremap),
		ALLOW(__NR_mprotect),
		ALLOW(__NR_madvise),
		ALLOW(__NR_brk),
		ALLOW(__NR_futex),
		ALLOW(__NR_getrandom),
		ALLOW(__NR_getpid),
		ALLOW(__NR_gettid),
		ALLOW(__NR_tgkill),
		ALLOW(__NR_rt_sigprocmask),
		ALLOW(__NR_rt_sigreturn),
		ALLOW(__NR_restart_syscall),
#ifdef __NR_poll
		ALLOW(__NR_poll),
#endif
#ifdef __NR_epoll_wait
		ALLOW(__NR_epoll_wait),
#endif
#ifdef __NR_access
		ALLOW(__NR_access),
#endif
#ifdef __NR_faccessat2
		ALLOW(__NR_faccessat2),
#endif
		/* Files are opened for reading only. */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_openat, 0, 3),
		LOAD(args[2]),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 1, 0),
		RETURN(SECCOMP_RET_ALLOW),
		RETURN(SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog filter = { .len = sizeof(program) / sizeof(program[0]), .filter = program };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0))
		return fail("limit the system calls");
	return true;
}
