/** Numbers and names of HTTP/2 (RFC 9113). */

/** What a client says first (section 3.4). */
export const preface: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Bytes of a frame's header (section 4.1). */
export const frameHeaderLength = 9;

/** Types of frames (section 6). */
export const Type = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

/** Flags of frames; ACK is that of SETTINGS and PING. */
export const Flag = { ACK: 1, END_STREAM: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 0x20 } as const;

/** Settings (section 6.5.2). */
export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** Error codes (section 7). */
export const ErrorCode = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
} as const;

export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

const errorNames = Object.keys(ErrorCode);

/** The name of an error code, as in "REFUSED_STREAM". */
export function errorName(code: number): string {
  return errorNames[code] ?? `error ${code}`;
}

/** What both sides begin with, until SETTINGS say otherwise. */
export const defaultWindow = 65_535;
export const defaultFrameSize = 16_384;
export const defaultTableSize = 4096;
export const largestFrameSize = 2 ** 24 - 1;
/** No window may be larger (section 6.9.1). */
export const largestWindow = 2 ** 31 - 1;
export const largestStreamId = 2 ** 31 - 1;
