/** Names of Linux' error numbers that a TCP connection can end with, and of signals that can kill. */
const errors: Readonly<Record<number, string>> = {
  1: "EPERM", 4: "EINTR", 5: "EIO", 11: "EAGAIN", 12: "ENOMEM", 13: "EACCES", 22: "EINVAL", 32: "EPIPE", 71: "EPROTO", 90: "EMSGSIZE",
  97: "EAFNOSUPPORT", 98: "EADDRINUSE", 99: "EADDRNOTAVAIL", 100: "ENETDOWN", 101: "ENETUNREACH", 102: "ENETRESET",
  103: "ECONNABORTED", 104: "ECONNRESET", 105: "ENOBUFS", 106: "EISCONN", 107: "ENOTCONN", 108: "ESHUTDOWN",
  110: "ETIMEDOUT", 111: "ECONNREFUSED", 112: "EHOSTDOWN", 113: "EHOSTUNREACH", 114: "EALREADY", 115: "EINPROGRESS",
}; // prettier-ignore

const signals: readonly string[] = [
  "", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2",
  "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU",
  "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
]; // prettier-ignore

/** "ECONNREFUSED", or "errno 123" for one that has no name here. */
export function errorName(number: number): string {
  return errors[number] ?? `errno ${number}`;
}

/** "SIGKILL", or "SIG34" for one that has no name here. */
export function signalName(number: number): string {
  return signals[number] ?? `SIG${number}`;
}

/** The number of a signal by its name, with or without SIG; undefined for what is none. */
export function signalNumber(name: string): number | undefined {
  const upper = name.toUpperCase();
  const number = signals.indexOf(upper.startsWith("SIG") ? upper : `SIG${upper}`);
  return number > 0 ? number : undefined;
}
