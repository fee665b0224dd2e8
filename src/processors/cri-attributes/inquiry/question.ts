import { isIP } from "node:net";
import type { Question } from "../../../telemetry/answers.ts";

/** Attributes as they are asked about. */
export type Asked = Readonly<Record<string, string | number>>;

/** What somebody wants to know whose telemetry it would be. */
export type LookupQuestion = {
  readonly resource: Asked;
  readonly record: Asked;
  /** The address of who sends it. */
  readonly connection: string | undefined;
  /** Whether it is the exporter of an SDK. */
  readonly isFromSdk: boolean;
  /** Whether it is about whom the attributes name, also where no rule of the file reads them. */
  readonly isPlain: boolean;
};

const maxAttributes = 128;
const maxLength = 64 * 1024;

/** Reads a question as it came over the control socket; a text says what is wrong with it. */
export function readQuestion(question: Question): LookupQuestion | string {
  const resource = attributesOf(question["resource"]);
  const record = attributesOf(question["record"]);
  const { connection, isFromSdk, isPlain } = question;
  if (resource === undefined || record === undefined)
    return `must have at most ${maxAttributes} attributes that are strings or numbers in resource and record`;
  if (connection !== undefined && (typeof connection !== "string" || isIP(connection) === 0))
    return "must have an IP address as its connection";
  return { resource, record, connection, isFromSdk: isFromSdk === true, isPlain: isPlain === true };
}

function attributesOf(raw: unknown): Asked | undefined {
  if (raw === undefined) return {};
  if (typeof raw !== "object" || raw === null) return undefined;
  const entries = Object.entries(raw).filter((entry): entry is [string, string | number] => {
    const value: unknown = entry[1];
    return Number.isSafeInteger(value) || (typeof value === "string" && value.length <= maxLength);
  });
  const isWhole = entries.length === Object.keys(raw).length && entries.length <= maxAttributes;
  return isWhole ? Object.fromEntries(entries) : undefined;
}
