// SPDX-License-Identifier: Apache-2.0
/* Says what is missing, and what to do about it. */
#define _GNU_SOURCE
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader.h"

#define BTF_FILE      "/sys/kernel/btf/vmlinux"
#define LOCKDOWN_FILE "/sys/kernel/security/lockdown"

/* What libbpf had to say since the last forget_log(); where it is longer, the end of it. */
static char log_text[1 << 16];
static size_t log_len;

static int keep(enum libbpf_print_level level, const char *format, va_list args)
{
	size_t room = sizeof(log_text) - log_len;
	int len;

	if (level != LIBBPF_WARN)
		return 0;
	len = vsnprintf(log_text + log_len, room, format, args);
	if (len < 0)
		return 0;
	if ((size_t)len < room) {
		log_len += len;
		return len;
	}
	/* Of a text that is too long, the second half makes room for what follows. */
	log_len = sizeof(log_text) / 2;
	memmove(log_text, log_text + log_len, log_len);
	log_text[log_len] = 0;
	return len;
}

void watch_libbpf(void)
{
	libbpf_set_print(keep);
}

void forget_log(void)
{
	log_len = 0;
	log_text[0] = 0;
}

static bool is_locked_down(void)
{
	char text[128] = "";
	int fd = open(LOCKDOWN_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	return len > 0 && strstr(text, "[confidentiality]");
}

static const char *missing_capability(void)
{
	u64 held = effective_capabilities();
	bool admin = held & (1ull << CAP_SYS_ADMIN), bpf = held & (1ull << CAP_BPF);
	bool perfmon = held & (1ull << CAP_PERFMON);

	if (admin || (bpf && perfmon))
		return NULL;
	if (!bpf && !perfmon)
		return "CAP_BPF and CAP_PERFMON";
	return bpf ? "CAP_PERFMON" : "CAP_BPF";
}

static void say(struct problem *problem, enum ev_reason reason, const char *format, ...)
{
	va_list args;

	problem->reason = reason;
	va_start(args, format);
	vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
}

bool find_problem(struct problem *problem, u32 without)
{
	const char *capability = missing_capability();

	problem->error = 0;
	if (without & FEATURE_BTF || access(BTF_FILE, R_OK)) {
		problem->error = without & FEATURE_BTF ? ENOENT : errno;
		say(problem, REASON_NO_BTF,
		    "Cannot use the kernel's types: %s must be readable, is not (%s). The kernel must be built with "
		    "CONFIG_DEBUG_INFO_BTF, as the distributions' since 5.10 are, and /sys must be mounted",
		    BTF_FILE, strerror(problem->error));
		return true;
	}
	if (capability) {
		problem->error = EPERM;
		say(problem, REASON_NO_CAPABILITY,
		    "Cannot load probes: the loader must have CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN), lacks %s. Start "
		    "podstamp as root, add them to the container, or give them to the file: setcap cap_bpf,cap_perfmon+ep %s",
		    capability, program_invocation_name);
		return true;
	}
	if (is_locked_down()) {
		problem->error = EPERM;
		say(problem, REASON_LOCKDOWN,
		    "Cannot load probes: kernel lockdown must not be \"confidentiality\" (%s); boot with "
		    "lockdown=integrity or none",
		    LOCKDOWN_FILE);
		return true;
	}
	return false;
}

/* The last lines of the log, as much as the record has room for. */
static void append_log(struct problem *problem)
{
	size_t used = strlen(problem->text), room = sizeof(problem->text) - used - 2;
	const char *from = log_len > room ? log_text + log_len - room : log_text;

	if (!log_len)
		return;
	if (from != log_text) {
		const char *line = strchr(from, '\n');

		from = line ? line + 1 : from;
	}
	snprintf(problem->text + used, sizeof(problem->text) - used, "\n%s", from);
}

void explain(struct problem *problem, const char *probe, int error)
{
	error = error < 0 ? -error : error;
	problem->error = error;
	if (strstr(log_text, "BEGIN PROG LOAD LOG"))
		say(problem, REASON_VERIFIER,
		    "Cannot load probe %s: the kernel's verifier must accept it, did not (%s). Please report it with this "
		    "log and the output of uname -a",
		    probe, strerror(error));
	else if (error == ESRCH || error == ENOENT)
		say(problem, REASON_NO_HOOK,
		    "Cannot attach probe %s: the kernel must have its tracepoints, has not; a newer one has", probe);
	else if (error == ENOMEM)
		say(problem, REASON_NO_MEMORY,
		    "Cannot load probe %s: the kernel must have memory for its maps, has not; set a smaller ring or table "
		    "of connections, or raise the container's limit",
		    probe);
	else if (error == EPERM || error == EACCES || error == ENOSYS)
		say(problem, REASON_REFUSED,
		    "Cannot load probe %s: bpf() must be allowed, is refused (%s) though the capabilities are there: by a "
		    "seccomp profile or a security module (AppArmor, SELinux), or before 5.11 by the limit of locked memory",
		    probe, strerror(error));
	else
		say(problem, REASON_OTHER, "Cannot load probe %s: %s", probe, strerror(error));
	append_log(problem);
}
