import { type AnyValue, decodeValue, valueText } from "../wire/any-value.ts";
import { attributeMatcher, attributeReader, type AttributeTest, passes, type TextTest } from "./attribute-tests.ts";
import type { Message } from "./changes.ts";
import { Cursor, Wire } from "../wire/cursor.ts";
import type { Signal } from "../signals.ts";
import { readVarint } from "../wire/varints.ts";
import { eachMessage } from "./walk.ts";

/**
 * What telemetry must be like; what is undefined or empty asks for nothing. All that is asked for must be so, also every
 * library and every attribute. What another signal has is never so: a log record has no span name.
 */
export type Match = {
  readonly services?: TextTest | undefined;
  readonly resources?: readonly AttributeTest[];
  readonly libraries?: readonly { readonly name: TextTest; readonly version: TextTest | undefined }[];
  readonly spanNames?: TextTest | undefined;
  readonly spanKinds?: TextTest | undefined;
  readonly metricNames?: TextTest | undefined;
  readonly bodies?: TextTest | undefined;
  readonly severityTexts?: TextTest | undefined;
  readonly severityNumber?: { readonly min: number; readonly matchUndefined: boolean } | undefined;
  /** Of the span, the log record or the data point. */
  readonly attributes?: readonly AttributeTest[];
};

/** Which records are meant: those that match `include`, where there is one, and nothing of `exclude`. */
export type Selection = { readonly include: Match | undefined; readonly exclude: readonly Match[] };

/** Where a signal's records have their fields; profiles have theirs elsewhere. */
export type SignalFields =
  | { readonly kind: "record"; readonly attributes: number }
  /** Attributes of the data points, by the field number of Metric's data that they stand in. */
  | { readonly kind: "metric"; readonly attributesOfPoint: Readonly<Record<number, number>> };

const fields: Readonly<Record<string, SignalFields>> = {
  traces: { kind: "record", attributes: 9 },
  logs: { kind: "record", attributes: 6 },
  // 5 gauge, 7 sum, 9 histogram, 10 exponential_histogram, 11 summary.
  metrics: { kind: "metric", attributesOfPoint: { 5: 7, 7: 7, 9: 9, 10: 1, 11: 7 } },
};

/** The fields of a signal's records; undefined for profiles. */
export function fieldsOf(signal: Signal): SignalFields | undefined {
  return fields[signal];
}

/** Tells which records are meant; asked along a walk, each step about the message that the walk is in. */
export type Selector = {
  /** Whether any record of the resource, of the scope, can be meant. */
  resource(bytes: Uint8Array, message: Message): boolean;
  scope(bytes: Uint8Array, message: Message): boolean;
  /** Whether the span or log record is meant. */
  record(bytes: Uint8Array, message: Message): boolean;
  /** Whether any data point of the metric can be meant, and whether one is, by the field number of its attributes. */
  metric(bytes: Uint8Array, message: Message): boolean;
  point(bytes: Uint8Array, message: Message, attributes: number): boolean;
};

/** Makes a selector for requests of one signal. */
export function createSelector(signal: Signal, { include, exclude }: Selection): Selector {
  const included = include === undefined ? undefined : createMatcher(signal, include);
  const excluded = exclude.map((match) => createMatcher(signal, match));
  const all = included === undefined ? excluded : [included, ...excluded];
  /** Whether nothing at this level or above rules all below out. */
  const isOpen = (level: Level) =>
    included?.isOpen() !== false && !excluded.some((each) => each.isOpen() && !each.asksBelow(level));
  const isMeant = (passes: (matcher: Matcher) => boolean) =>
    (included === undefined || passes(included)) && !excluded.some(passes);
  return {
    resource(bytes, message) {
      for (const each of all) each.enterResource(bytes, message);
      return isOpen("resource");
    },
    scope(bytes, message) {
      for (const each of all) each.enterScope(bytes, message);
      return isOpen("scope");
    },
    record: (bytes, message) => isMeant((matcher) => matcher.record(bytes, message)),
    metric(bytes, message) {
      for (const each of all) each.enterMetric(bytes, message);
      return isOpen("metric");
    },
    point: (bytes, message, attributes) => isMeant((matcher) => matcher.point(bytes, message, attributes)),
  };
}

type Level = "resource" | "scope" | "metric";

/** One match along a walk; it remembers what it found at each level above. */
type Matcher = {
  enterResource(bytes: Uint8Array, message: Message): void;
  enterScope(bytes: Uint8Array, message: Message): void;
  enterMetric(bytes: Uint8Array, message: Message): void;
  /** Whether all levels entered match. */
  isOpen(): boolean;
  /** Whether anything is asked of what lies below a level. */
  asksBelow(level: Level): boolean;
  record(bytes: Uint8Array, message: Message): boolean;
  point(bytes: Uint8Array, message: Message, attributes: number): boolean;
};

function createMatcher(signal: Signal, match: Match): Matcher {
  const { services, resources = [], libraries = [], metricNames, attributes = [] } = match;
  const isForeign = asksOfOthers(signal, match);
  const asksResource = services !== undefined || resources.length > 0;
  const resourceTests: readonly AttributeTest[] =
    services === undefined ? resources : [...resources, { key: "service.name", kind: "present" }];
  const readResource = attributeReader(resourceTests.map(({ key }) => key));
  const matchAttributes = attributeMatcher(attributes);
  const recordTest = recordTestOf(signal, match);
  const asksRecord = recordTest !== undefined || attributes.length > 0;
  const is = { resource: true, scope: true, metric: true };
  return {
    enterResource(bytes, message) {
      is.scope = is.metric = true;
      is.resource = !isForeign && (!asksResource || matchResource(bytes, message));
    },
    enterScope(bytes, message) {
      is.metric = true;
      is.scope = libraries.length === 0 || (is.resource && matchScope(bytes, message, libraries));
    },
    enterMetric(bytes, message) {
      is.metric = metricNames === undefined || (is.resource && is.scope && metricNames(textField(bytes, message, 1)));
    },
    isOpen: () => is.resource && is.scope && is.metric,
    asksBelow(level) {
      const asksPoint = attributes.length > 0;
      if (level === "metric") return asksPoint;
      const asksBelowScope = asksRecord || metricNames !== undefined;
      return level === "scope" ? asksBelowScope : asksBelowScope || libraries.length > 0;
    },
    record: (bytes, message) =>
      is.resource &&
      is.scope &&
      (recordTest === undefined || recordTest(bytes, message)) &&
      matchAttributes(bytes, [message], fieldOf(signal)),
    point: (bytes, message, field) => is.resource && is.scope && is.metric && matchAttributes(bytes, [message], field),
  };

  function matchResource(bytes: Uint8Array, message: Message): boolean {
    const found = readResource(bytes, messagesOf(bytes, message, 1), 1);
    if (found === undefined || !resources.every((each, index) => passes(each, found[index]))) return false;
    const name = found[resources.length];
    return services === undefined || services(name === undefined ? "<nil-service-name>" : valueText(name));
  }
}

function fieldOf(signal: Signal): number {
  const own = fields[signal];
  return own?.kind === "record" ? own.attributes : 0;
}

/** Whether something is asked that records of this signal do not have, so that none of them matches. */
export function asksOfOthers(signal: Signal, match: Match): boolean {
  const asksSpans = match.spanNames !== undefined || match.spanKinds !== undefined;
  const asksLogs =
    match.bodies !== undefined || match.severityTexts !== undefined || match.severityNumber !== undefined;
  const asksMetrics = match.metricNames !== undefined;
  const name: string = signal;
  return (asksSpans && name !== "traces") || (asksLogs && name !== "logs") || (asksMetrics && name !== "metrics");
}

type MessageTest = (bytes: Uint8Array, message: Message) => boolean;

/** What is asked of a span or log record beside its attributes; undefined when nothing is. */
function recordTestOf(signal: Signal, match: Match): MessageTest | undefined {
  const { spanNames, spanKinds, bodies, severityTexts, severityNumber } = match;
  const tests: MessageTest[] = [];
  if (signal === "traces") {
    // Span: 5 name, 6 kind.
    if (spanNames !== undefined) tests.push((bytes, span) => spanNames(textField(bytes, span, 5)));
    if (spanKinds !== undefined)
      tests.push((bytes, span) => spanKinds(spanKindNames[numberField(bytes, span, 6)] ?? ""));
  }
  if (signal === "logs") {
    // LogRecord: 2 severity_number, 3 severity_text, 5 body.
    if (bodies !== undefined) tests.push((bytes, log) => bodies(valueText(bodyOf(bytes, log))));
    if (severityTexts !== undefined) tests.push((bytes, log) => severityTexts(textField(bytes, log, 3)));
    if (severityNumber !== undefined) {
      const { min, matchUndefined } = severityNumber;
      tests.push((bytes, log) => {
        const severity = numberField(bytes, log, 2);
        return severity === 0 ? matchUndefined : severity >= min;
      });
    }
  }
  return tests.length === 0 ? undefined : (bytes, message) => tests.every((test) => test(bytes, message));
}

/** SpanKind by its number. */
const spanKindNames = [
  "SPAN_KIND_UNSPECIFIED",
  "SPAN_KIND_INTERNAL",
  "SPAN_KIND_SERVER",
  "SPAN_KIND_CLIENT",
  "SPAN_KIND_PRODUCER",
  "SPAN_KIND_CONSUMER",
];

/** scope_x: 1 scope { 1 name, 2 version }. */
function matchScope(bytes: Uint8Array, message: Message, libraries: NonNullable<Match["libraries"]>): boolean {
  let name = "";
  let version = "";
  for (const scope of messagesOf(bytes, message, 1)) {
    name = lastText(bytes, messagesOf(bytes, scope, 1)) ?? name;
    version = lastText(bytes, messagesOf(bytes, scope, 2)) ?? version;
  }
  return libraries.every(
    (library) => library.name(name) && (library.version === undefined || library.version(version)),
  );
}

function messagesOf(bytes: Uint8Array, message: Message, no: number): readonly Message[] {
  const found: Message[] = [];
  eachMessage(bytes, message, (field, inner) => {
    if (field === no) found.push(inner);
  });
  return found;
}

function bodyOf(bytes: Uint8Array, log: Message): AnyValue {
  return decodeValue(Buffer.concat(messagesOf(bytes, log, 5).map(({ start, stop }) => bytes.subarray(start, stop))));
}

/** A string field; the last one counts. */
function textField(bytes: Uint8Array, message: Message, no: number): string {
  return lastText(bytes, messagesOf(bytes, message, no)) ?? "";
}

function lastText(bytes: Uint8Array, found: readonly Message[]): string | undefined {
  const last = found.at(-1);
  return last && Buffer.from(bytes.buffer, bytes.byteOffset + last.start, last.stop - last.start).toString();
}

/** An enum's field; the last one counts, 0 when there is none. */
function numberField(bytes: Uint8Array, message: Message, no: number): number {
  const cursor = new Cursor(bytes, message.start, message.stop);
  let value = 0;
  while (cursor.next())
    if (cursor.field === no && cursor.wire === Wire.VARINT) value = readVarint(bytes, cursor.start, cursor.stop);
  return value;
}
