import type { KeyGroups } from "../../../config/fields/pattern.ts";

/**
 * Expands `$1`, `${1}`, `$name`, `${name}` and `$$` as Go's Regexp.Expand does: a name is as long as it can be, so that `$1_s` is the
 * group called "1_s"; a group that is not there is empty; a `$` with no name behind it stays.
 */
export function expandTemplate(template: string, groups: KeyGroups): string {
  return template.replace(
    /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
    (whole, braced?: string, bare?: string) => {
      const name = braced ?? bare;
      if (name === undefined) return whole === "$$" ? "$" : whole;
      return (/^(?:0|[1-9]\d{0,8})$/.test(name) ? groups.byNumber(Number(name)) : groups.byName(name)) ?? "";
    },
  );
}
