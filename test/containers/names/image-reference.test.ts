import { describe, expect, test } from "vitest";
import {
  normalizeRepository,
  parseImageReference,
  parseRepoDigest,
} from "../../../src/containers/names/image-reference.ts";
import cases from "../../fixtures/image-cases.json" with { type: "json" };

type Case = {
  readonly image: string;
  readonly name: string | null;
  readonly tag: string | null;
  readonly digest: string | null;
  readonly error?: boolean;
  readonly kind?: string;
  readonly normalized?: string;
};

const all = cases as readonly Case[];

describe("an image reference of other projects' own tests", () => {
  test.each(all.filter(({ error }) => error !== true))("$image has its parts", ({ image, name, tag, digest }) => {
    const parsed = parseImageReference(image);
    expect({ name: parsed?.name ?? null, tag: parsed?.tag ?? null, digest: parsed?.digest ?? null }).toEqual({
      name,
      tag,
      digest,
    });
    expect(parsed).toBeDefined();
  });

  test.each(all.filter(({ error, kind }) => error === true && kind === undefined))(
    "'$image' is refused",
    ({ image }) => {
      expect(parseImageReference(image)).toBeUndefined();
    },
  );

  test.each(all.filter(({ kind }) => kind === "repo_digest"))(
    "$image is read as a repo digest",
    ({ image, name, digest }) => {
      expect(parseRepoDigest(image) ?? { name: null, digest: null }).toEqual({ name, digest });
    },
  );

  const normalized = all.filter((one) => one.normalized !== undefined && one.name !== null);
  test.each(normalized)("$image is of the repository in $normalized", ({ name, normalized: full }) => {
    expect(normalizeRepository(name ?? "")).toBe(parseImageReference(full ?? "")?.name);
  });
});

test.each([
  // distribution/reference counts the path alone since 0.6, as containerd and CRI-O do.
  [`example.com/${"a".repeat(255)}:tag`, `example.com/${"a".repeat(255)}`],
  [`localhost:5000/${"a/".repeat(127)}a`, `localhost:5000/${"a/".repeat(127)}a`],
  [`example.com/${"a".repeat(256)}:tag`, undefined],
  [`domain/${"a".repeat(256)}:tag`, undefined],
])("of %s the path may have 255 characters", (text, name) => {
  expect(parseImageReference(text)?.name).toBe(name);
});

test("a reference that would make a careless pattern run for ever is answered at once", () => {
  expect(parseImageReference(`${"a-".repeat(500)}!`)).toBeUndefined();
});
