import { describe, expect, test } from "vitest";
import { identifyImage } from "../../../src/containers/index/image-identity.ts";
import type { DescribedImage, ListedImage } from "../../../src/runtimes/facts.ts";

const hex = "65c9fa670a30144a7e21b11b531fbafd5e39b1b21fa80ed4a43089e943a0ca2c";
const id = `sha256:${hex}`;
const m1 = `sha256:${"1".repeat(64)}`;
const m2 = `sha256:${"2".repeat(64)}`;

const list = (told: Partial<ListedImage>): ListedImage => ({ specified: "", requested: "", ref: "", id: "", ...told });
const status = (told: Partial<DescribedImage>): DescribedImage => ({
  specified: "",
  shown: "",
  ref: "",
  id: "",
  repoTags: [],
  repoDigests: [],
  ...told,
});

/** An image of two names, as the runtime has it. */
const two = {
  id,
  repoTags: ["a.example/x/cart:1.2", "docker.io/library/shop:1.2"],
  repoDigests: [`a.example/x/cart@${m1}`],
};
const unnamed = { name: undefined, tags: [], repoDigests: [], manifestDigest: undefined };

describe("the image of a container is the one that its pod asked for", () => {
  test.each([
    {
      of: "containerd under a kubelet, whose list passes on the pod's text and whose status shows another repository's tag",
      listed: list({ specified: "docker.io/library/shop:1.2", requested: id, ref: id, id }),
      described: status({ ...two, shown: "a.example/x/cart:1.2", ref: `a.example/x/cart@${m1}` }),
      is: {
        name: "docker.io/library/shop",
        tags: ["1.2"],
        repoDigests: [],
        id,
        manifestDigest: undefined,
        isAmbiguous: false,
      },
    },
    {
      of: "a pod that names it as Docker's users do",
      listed: list({ specified: "shop:1.2", requested: id, ref: id }),
      described: status({
        ...two,
        repoDigests: [`docker.io/library/shop@${m2}`, `a.example/x/cart@${m1}`],
        shown: "a.example/x/cart:1.2",
        ref: `a.example/x/cart@${m1}`,
      }),
      is: {
        name: "shop",
        tags: ["1.2"],
        repoDigests: [`docker.io/library/shop@${m2}`],
        id,
        manifestDigest: m2,
        isAmbiguous: false,
      },
    },
    {
      of: "a pod that names neither tag nor digest",
      listed: list({ specified: "a.example/x/cart" }),
      described: status({ ...two }),
      is: {
        name: "a.example/x/cart",
        tags: ["latest"],
        repoDigests: [`a.example/x/cart@${m1}`],
        id,
        manifestDigest: m1,
        isAmbiguous: false,
      },
    },
    {
      of: "a pod that asks by digest, of which the runtime knows another one too",
      listed: list({ specified: `a.example/x/cart@${m2}`, requested: id }),
      described: status({
        id,
        repoTags: [],
        repoDigests: [`a.example/x/cart@${m1}`, `a.example/x/cart@${m2}`],
        ref: `a.example/x/cart@${m1}`,
      }),
      is: {
        name: "a.example/x/cart",
        tags: [],
        repoDigests: [`a.example/x/cart@${m1}`, `a.example/x/cart@${m2}`],
        id,
        manifestDigest: m2,
        isAmbiguous: false,
      },
    },
    {
      of: "the verbose status, where the list has no such field",
      listed: list({ requested: id, ref: id }),
      described: status({ ...two, specified: "docker.io/library/shop:1.2", shown: "a.example/x/cart:1.2" }),
      is: {
        name: "docker.io/library/shop",
        tags: ["1.2"],
        repoDigests: [],
        id,
        manifestDigest: undefined,
        isAmbiguous: false,
      },
    },
    {
      of: "a client that is no kubelet, whose reference the list passes on",
      listed: list({ requested: "a.example/x/cart:1.2", ref: id }),
      described: status({ ...two, shown: "a.example/x/cart:1.2", ref: `a.example/x/cart@${m1}` }),
      is: {
        name: "a.example/x/cart",
        tags: ["1.2"],
        repoDigests: [`a.example/x/cart@${m1}`],
        id,
        manifestDigest: m1,
        isAmbiguous: false,
      },
    },
    {
      of: "CRI-O under a kubelet, with one name",
      listed: list({ requested: hex, ref: `a.example/x/cart@${m1}`, id: hex }),
      described: status({
        id: hex,
        shown: "a.example/x/cart:1.2",
        ref: `a.example/x/cart@${m1}`,
        repoTags: ["a.example/x/cart:1.2"],
        repoDigests: [`a.example/x/cart@${m1}`],
      }),
      is: {
        name: "a.example/x/cart",
        tags: ["1.2"],
        repoDigests: [`a.example/x/cart@${m1}`],
        id,
        manifestDigest: m1,
        isAmbiguous: false,
      },
    },
    {
      of: "CRI-O under a kubelet, with several tags of one repository: any of them may have been asked for",
      listed: list({ requested: hex, id: hex }),
      described: status({
        id: hex,
        shown: "a.example/x/cart:1.2",
        ref: `a.example/x/cart@${m1}`,
        repoTags: ["a.example/x/cart:1.2", "a.example/x/cart:2.0"],
        repoDigests: [`a.example/x/cart@${m1}`],
      }),
      is: {
        name: "a.example/x/cart",
        tags: [],
        repoDigests: [`a.example/x/cart@${m1}`],
        id,
        manifestDigest: m1,
        isAmbiguous: true,
      },
    },
    {
      of: "CRI-O under a kubelet, with names of two repositories: left out, never guessed",
      listed: list({ requested: hex, ref: `a.example/x/cart@${m1}`, id: hex }),
      described: status({ ...two, id: hex, shown: "a.example/x/cart:1.2", ref: `a.example/x/cart@${m1}` }),
      is: { ...unnamed, id, isAmbiguous: true },
    },
    {
      of: "a status whose image nobody knows any more: how many names it had is not known either",
      listed: list({ requested: hex, ref: `a.example/x/cart@${m1}`, id: hex }),
      described: status({ shown: "a.example/x/cart:1.2", ref: `a.example/x/cart@${m1}` }),
      is: { ...unnamed, id, isAmbiguous: false },
    },
    {
      of: "a status that shows a name which the image has not",
      listed: list({ requested: hex, id: hex }),
      described: status({ id: hex, shown: "b.example/other:1", repoTags: ["a.example/x/cart:1.2"] }),
      is: { ...unnamed, id, isAmbiguous: false },
    },
    {
      of: "containerd 1.x, with an image that was pulled by digest and has no tag",
      listed: list({ requested: id, ref: id }),
      described: status({ id, shown: id, ref: `a.example/x/cart@${m1}`, repoDigests: [`a.example/x/cart@${m1}`] }),
      is: {
        name: "a.example/x/cart",
        tags: [],
        repoDigests: [`a.example/x/cart@${m1}`],
        id,
        manifestDigest: m1,
        isAmbiguous: false,
      },
    },
    {
      of: "cri-dockerd, which cuts docker.io/library/ from names in its answers",
      listed: list({ requested: "docker.io/library/shop:1.2", ref: id }),
      described: status({
        id,
        shown: "shop:1.2",
        ref: `shop@${m1}`,
        repoTags: ["shop:1.2"],
        repoDigests: [`shop@${m1}`, `a.example/x/cart@${m2}`],
      }),
      is: {
        name: "docker.io/library/shop",
        tags: ["1.2"],
        repoDigests: [`shop@${m1}`],
        id,
        manifestDigest: m1,
        isAmbiguous: false,
      },
    },
    {
      of: "CRI-O, when its tag has gone to another image, which leaves it without a name",
      listed: list({ requested: hex, ref: `127.0.0.1:5000/x/cart@${m1}`, id: hex }),
      described: status({
        id: hex,
        shown: "127.0.0.1:5000/x/cart:1.2",
        ref: `127.0.0.1:5000/x/cart@${m1}`,
      }),
      is: {
        name: "127.0.0.1:5000/x/cart",
        tags: ["1.2"],
        repoDigests: [`127.0.0.1:5000/x/cart@${m1}`],
        id,
        manifestDigest: m1,
        isAmbiguous: false,
      },
    },
    {
      of: "the same as its list of images has it, which cuts the registry's port off and what follows",
      listed: list({ requested: hex, ref: `127.0.0.1:5000/x/cart@${m1}`, id: hex }),
      described: status({ id: hex, shown: `127.0.0.1@${m1}`, repoDigests: [`127.0.0.1@${m1}`] }),
      is: {
        name: "127.0.0.1:5000/x/cart",
        tags: [],
        repoDigests: [`127.0.0.1:5000/x/cart@${m1}`],
        id,
        manifestDigest: m1,
        isAmbiguous: false,
      },
    },
    {
      of: "a list alone, before its status has come",
      listed: list({ specified: `a.example/x/cart@${m1}`, requested: id, ref: id }),
      described: undefined,
      is: {
        name: "a.example/x/cart",
        tags: [],
        repoDigests: [`a.example/x/cart@${m1}`],
        id,
        manifestDigest: m1,
        isAmbiguous: false,
      },
    },
    {
      of: "a list that tells an ID alone",
      listed: list({ requested: id, ref: id }),
      described: undefined,
      is: { ...unnamed, id, isAmbiguous: false },
    },
    {
      of: "answers that tell nothing",
      listed: list({}),
      described: status({}),
      is: { ...unnamed, id: undefined, isAmbiguous: false },
    },
  ])("$of", ({ listed, described, is }) => expect(identifyImage(listed, described)).toEqual(is));

  test("with several digests of its own repository and none that decides, it has no manifest digest", () => {
    const described = status({
      id,
      repoTags: ["a.example/x/cart:1.2"],
      repoDigests: [`a.example/x/cart@${m1}`, `a.example/x/cart@${m2}`],
    });
    expect(identifyImage(list({ specified: "a.example/x/cart:1.2" }), described).manifestDigest).toBeUndefined();
  });

  test.each([id, hex, `docker://${id}`, "sha256:abc", "", "Not A Reference", "\u001b[31m"])(
    "%j is never a name",
    (text) => {
      const described = status({ specified: text, shown: text, ref: text, repoTags: [text], repoDigests: [text] });
      expect(identifyImage(list({ specified: text, requested: text, ref: text }), described).name).toBeUndefined();
    },
  );

  test("an ID is told in one form, whichever field has it and whatever the others hold", () => {
    expect(identifyImage(list({ ref: id }), status({ id: "docker-image" })).id).toBe(id);
    expect(identifyImage(list({ id: hex, ref: `a.example/x/cart@${m1}` }), undefined).id).toBe(id);
    expect(identifyImage(list({}), status({ ref: id })).id).toBe(id);
  });
});
