import type { OptionalSchema } from "../schema/schema.ts";
import { parsed } from "./parsed-field.ts";

/**
 * An absolute http:// or https:// URL without a fragment, which need not be there; an empty one is as if it were not. One with a
 * password in it is not shown when it is wrong.
 */
export function httpUrl(): OptionalSchema<URL | undefined> {
  return parsed<URL | undefined>({
    default: undefined,
    facts: { form: "URL" },
    read: (raw, fail) => {
      if (raw === "") return undefined;
      const rule = "must be an http:// or https:// URL";
      if (typeof raw !== "string" || raw.length > 4096) return fail(rule);
      const url = /^https?:\/\/[^/?#\s]/i.test(raw) ? URL.parse(raw) : null;
      const secret = raw.includes("@");
      if (url === null || /[\s\p{Cc}]/u.test(raw)) return fail(rule, { secret });
      return url.hash === "" ? url : fail("must be a URL without a fragment (#…)", { secret });
    },
  }).optional();
}
