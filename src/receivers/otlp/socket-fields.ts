import type { Schema, Context } from "../../config/schema/schema.ts";
import { choice, text } from "../../config/fields/fields.ts";
import { parsed } from "../../config/fields/parsed-field.ts";

/** Settings of either protocol that say what kind of socket it listens on. */
export const socketFields = {
  transport: choice(["tcp", "tcp4", "tcp6", "unix"], "tcp").describe(
    "The kind of socket; with unix the endpoint is a path.",
  ),
  mode: octal()
    .optional()
    .describe('Who may connect to a unix socket, as an octal string such as "0660"; as the process has it unless set.'),
  group: text({ minLength: 1, maxLength: 64 })
    .optional()
    .describe("The group of a unix socket, a name of /etc/group or a number; that of the process unless set."),
};

type Socket = {
  readonly endpoint: string;
  readonly transport: string;
  readonly mode?: number | undefined;
  readonly group?: string | undefined;
};

/** What the settings of a socket must be together. */
export function checkSocket(value: Socket, context: Context): void {
  const complain = (key: keyof Socket, message: string): void => context.addIssue({ message, path: [key] });
  const hasPath = value.endpoint.startsWith("/") || value.endpoint.startsWith("unix:");
  if (value.transport === "unix" && !hasPath) complain("endpoint", "must be a path with transport: unix");
  if (value.transport !== "unix" && value.endpoint.startsWith("/"))
    complain("endpoint", "must be host:port, or have transport: unix beside it");
  if (hasPath || value.transport === "unix") return;
  if (value.mode !== undefined) complain("mode", "must be left out but for a unix socket");
  if (value.group !== undefined) complain("group", "must be left out but for a unix socket");
}

function octal(): Schema<number> {
  return parsed({
    default: undefined,
    facts: { form: "octal string" },
    read: (raw, fail) =>
      typeof raw === "string" && /^0?[0-7]{3}$/.test(raw)
        ? Number.parseInt(raw, 8)
        : fail('must be three octal digits as a string, such as "0660"'),
  });
}
