import { expect } from "vitest";
import type { ImageFacts } from "../../../src/runtimes/facts.ts";
import type { Pushed } from "../node/cluster.ts";

/** The name under which an image was pushed. */
export function tagOf({ repository, tag }: Pushed): string {
  return `${repository}:${tag}`;
}

/** What a container's image is found to be that was made by the tag. */
export function identityByTag({ repository, tag, id, digest }: Pushed) {
  return {
    name: repository,
    tags: [tag],
    id,
    repoDigests: [`${repository}@${digest}`],
    manifestDigest: digest,
    isAmbiguous: false,
  };
}

/** Holds a list of images to naming this one, with its digest and a size. */
export function expectListed(all: readonly ImageFacts[], pushed: Pushed): void {
  const own = all.find(({ id }) => id === pushed.id);
  expect(own).toMatchObject({ repoTags: [tagOf(pushed)], isPinned: false });
  expect(own?.repoDigests).toContain(`${pushed.repository}@${pushed.digest}`);
  expect(own?.sizeBytes).toBeGreaterThan(500_000);
}
