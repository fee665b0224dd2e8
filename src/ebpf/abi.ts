// Made from bpf/include/events.h by `npm run build:bpf`: do not edit.

/** What a loader of this layout says in its EV_HELLO. */
export const layoutHash = 0x4e504228;

/** enum ev_record_type */
export const recordType = {
  hello: 1,
  clock: 2,
  stats: 3,
  probe: 4,
  ready: 5,
  cgroup: 8,
  exec: 10,
  exit: 11,
  conn: 20,
  http: 30,
  oom: 40,
  signal: 41,
} as const;

/** enum ev_probe_id */
export const probeId = {
  process: 0,
  tcp: 1,
  http: 2,
  oom: 3,
  signal: 4,
} as const;

/** enum ev_probe_status */
export const probeStatus = {
  off: 0,
  attached: 1,
  failed: 2,
} as const;

/** enum ev_reason */
export const reason = {
  none: 0,
  noBtf: 1,
  noCapability: 2,
  lockdown: 3,
  noHook: 4,
  refused: 5,
  verifier: 6,
  noMemory: 7,
  other: 8,
} as const;

/** enum ev_backend */
export const backend = {
  none: 0,
  socket: 1,
  syscall: 2,
} as const;

/** enum ev_role */
export const role = {
  unknown: 0,
  client: 1,
  server: 2,
} as const;

/** enum ev_conn_flag */
export const connFlag = {
  late: 1,
  http: 2,
  unread: 4,
  sendfile: 8,
  failed: 16,
  muted: 32,
  other: 64,
  unseen: 128,
} as const;

/** enum ev_direction */
export const direction = {
  rx: 0,
  tx: 1,
} as const;

/** enum ev_http_kind */
export const httpKind = {
  request: 1,
  response: 2,
  cont: 3,
  progress: 4,
  end: 5,
} as const;

/** enum ev_http_flag */
export const httpFlag = {
  endsChunked: 1,
  headWhole: 2,
  endedByServer: 4,
  capturedAll: 8,
} as const;

/** enum ev_exit_flag */
export const exitFlag = {
  oom: 1,
  core: 2,
} as const;

/** enum ev_disposition */
export const disposition = {
  default: 0,
  ignored: 1,
  handled: 2,
} as const;

/** struct ev_header: offsets in bytes */
export const headerAt = {
  /** Bytes of the whole record, its last field at its longest. */
  size: 40,
  /** u32 */
  len: 0,
  /** u16 */
  type: 4,
  /** u8 */
  cpu: 6,
  /** u8 */
  flags: 7,
  /** u64 */
  ts: 8,
  /** u64 */
  cgroup: 16,
  /** u32 */
  hier: 24,
  /** u32 */
  tgid: 28,
  /** u32 */
  tid: 32,
  /** u32 */
  netns: 36,
} as const;

/** struct ev_hello: offsets in bytes */
export const helloAt = {
  /** Bytes of the whole record, its last field at its longest. */
  size: 136,
  /** u32 */
  magic: 40,
  /** u32 */
  layoutHash: 44,
  /** u64 */
  capabilities: 48,
  /** char[64] */
  kernel: 56,
  /** char[16] */
  machine: 120,
} as const;

/** struct ev_clock: offsets in bytes */
export const clockAt = {
  /** Bytes of the whole record, its last field at its longest. */
  size: 64,
  /** u64 */
  bootNs: 40,
  /** u64 */
  realNs: 48,
  /** u64 */
  uncertaintyNs: 56,
} as const;

/** struct ev_stats: offsets in bytes */
export const statsAt = {
  /** Bytes of the whole record, its last field at its longest. */
  size: 112,
  /** u64 */
  lost: 40,
  /** u64 */
  lostBytes: 48,
  /** u64 */
  lostCgroup: 56,
  /** u64 */
  muted: 64,
  /** u64 */
  unread: 72,
  /** u64 */
  tableFull: 80,
  /** u64 */
  malformed: 88,
  /** u64 */
  written: 96,
  /** u64 */
  writtenBytes: 104,
} as const;

/** struct ev_probe: offsets in bytes */
export const probeAt = {
  /** Bytes of the whole record, its last field at its longest. */
  size: 2112,
  /** u32 */
  probe: 40,
  /** u32 */
  status: 44,
  /** u32 */
  reason: 48,
  /** u32 */
  backend: 52,
  /** i32 */
  error: 56,
  /** u32 */
  textLen: 60,
  /** char[2048] */
  text: 64,
} as const;

/** struct ev_ready: offsets in bytes */
export const readyAt = {
  /** Bytes of the whole record, its last field at its longest. */
  size: 72,
  /** u32 */
  probes: 40,
  /** u32 */
  selfTgid: 44,
  /** u32 */
  parentTgid: 48,
  /** u32 */
  selfHier: 52,
  /** u64 */
  selfCgroup: 56,
  /** u64 */
  loadNs: 64,
} as const;

/** struct ev_cgroup: offsets in bytes */
export const cgroupAt = {
  /** Bytes of the whole record, its last field at its longest. */
  size: 1072,
  /** u32 */
  level: 40,
  /** u32 */
  pathLen: 44,
  /** char[1024] */
  path: 48,
} as const;

/** struct ev_exec: offsets in bytes */
export const execAt = {
  /** Bytes of the whole record, its last field at its longest. */
  size: 1376,
  /** u64 */
  start: 40,
  /** u32 */
  ppid: 48,
  /** u32 */
  uid: 52,
  /** u32 */
  nsPid: 56,
  /** u32 */
  pidNs: 60,
  /** u32 */
  mntNs: 64,
  /** u32 */
  argc: 68,
  /** u32 */
  argsLen: 72,
  /** u32 */
  fileLen: 76,
  /** char[16] */
  comm: 80,
  /** char[256] */
  file: 96,
  /** char[1024] */
  args: 352,
} as const;

/** struct ev_exit: offsets in bytes */
export const exitAt = {
  /** Bytes of the whole record, its last field at its longest. */
  size: 120,
  /** u64 */
  start: 40,
  /** u32 */
  ppid: 48,
  /** u32 */
  uid: 52,
  /** u32 */
  nsPid: 56,
  /** u32 */
  pidNs: 60,
  /** u32 */
  status: 64,
  /** u32 */
  signal: 68,
  /** u32 */
  flags: 72,
  /** u64 */
  utimeNs: 80,
  /** u64 */
  stimeNs: 88,
  /** u64 */
  maxrssBytes: 96,
  /** char[16] */
  comm: 104,
} as const;

/** struct ev_conn: offsets in bytes */
export const connAt = {
  /** Bytes of the whole record, its last field at its longest. */
  size: 160,
  /** u64 */
  id: 40,
  /** u64 */
  start: 48,
  /** u64 */
  established: 56,
  /** u64 */
  end: 64,
  /** u64 */
  tx: 72,
  /** u64 */
  rx: 80,
  /** u32 */
  srttUs: 88,
  /** u32 */
  retransmits: 92,
  /** i32 */
  error: 96,
  /** u8 */
  role: 100,
  /** u8 */
  flags: 101,
  /** u16 */
  family: 102,
  /** u16 */
  localPort: 104,
  /** u16 */
  remotePort: 106,
  /** u8[16] */
  local: 112,
  /** u8[16] */
  remote: 128,
  /** char[16] */
  comm: 144,
} as const;

/** struct ev_http: offsets in bytes */
export const httpAt = {
  /** Bytes of the whole record, its last field at its longest. */
  size: 4264,
  /** u64 */
  conn: 40,
  /** u64 */
  offset: 48,
  /** u64 */
  rx: 56,
  /** u64 */
  tx: 64,
  /** u64 */
  lastRx: 72,
  /** u64 */
  lastTx: 80,
  /** u32 */
  chunk: 88,
  /** u32 */
  captured: 92,
  /** u32 */
  ordinal: 96,
  /** u32 */
  tcpSeq: 100,
  /** u8 */
  kind: 104,
  /** u8 */
  role: 105,
  /** u8 */
  direction: 106,
  /** u8 */
  connFlags: 107,
  /** u16 */
  family: 108,
  /** u16 */
  localPort: 110,
  /** u16 */
  remotePort: 112,
  /** u8[16] */
  local: 120,
  /** u8[16] */
  remote: 136,
  /** char[16] */
  comm: 152,
  /** char[4096] */
  data: 168,
} as const;

/** struct ev_oom: offsets in bytes */
export const oomAt = {
  /** Bytes of the whole record, its last field at its longest. */
  size: 64,
  /** u32 */
  triggerTgid: 40,
  /** char[16] */
  comm: 48,
} as const;

/** struct ev_signal: offsets in bytes */
export const signalAt = {
  /** Bytes of the whole record, its last field at its longest. */
  size: 104,
  /** u64 */
  senderCgroup: 40,
  /** u32 */
  senderHier: 48,
  /** u32 */
  senderTgid: 52,
  /** i32 */
  signal: 56,
  /** i32 */
  code: 60,
  /** u32 */
  disposition: 64,
  /** u32 */
  result: 68,
  /** char[16] */
  comm: 72,
  /** char[16] */
  senderComm: 88,
} as const;
