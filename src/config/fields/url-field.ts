import type { Schema } from "../schema/schema.ts";
import { parsed } from "./parsed-field.ts";

/** An absolute http:// or https:// URL without a fragment. One with a password in it is not shown when it is wrong. */
export function httpUrl(): Schema<URL> {
  return parsed({
    default: undefined,
    facts: { form: "URL" },
    read: (raw, fail) => {
      const rule = "must be an http:// or https:// URL";
      if (typeof raw !== "string" || raw.length > 4096) return fail(rule);
      const url = /^https?:\/\/[^/?#\s]/i.test(raw) ? URL.parse(raw) : null;
      const secret = raw.includes("@");
      if (url === null || /[\s\p{Cc}]/u.test(raw)) return fail(rule, { secret });
      return url.hash === "" ? url : fail("must be a URL without a fragment (#…)", { secret });
    },
  });
}
