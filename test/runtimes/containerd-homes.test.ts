import { expect, test } from "vitest";
import { createHomes } from "../../src/runtimes/containerd/homes.ts";

const at = (namespace: string) => ({ id: "web", namespace });

test("an ID whose end was heard of while its namespace was asked is not there again with the answer", async () => {
  const homes = createHomes();
  homes.appeared(at("default"));
  await homes.ask(async ({ some }) => {
    homes.gone(at("default"));
    some([at("default")]);
  });
  expect(homes.of("web")).toEqual([]);
  homes.appeared(at("ci"));
  expect(homes.of("web")).toEqual(["ci"]);
  await homes.ask(async ({ all }) => {
    homes.gone(at("ci"));
    all([at("ci")]);
  });
  expect(homes.of("web")).toEqual([]);
  // An answer to a question of later is believed.
  await homes.ask(async ({ some }) => some([at("ci")]));
  expect(homes.of("web")).toEqual(["ci"]);
});

test("an ID that came while all were listed is there though the list lacks it, and one that went and came again too", async () => {
  const homes = createHomes();
  await homes.ask(async ({ all }) => {
    homes.appeared(at("default"));
    homes.gone(at("ci"));
    homes.appeared(at("ci"));
    await homes.ask(async ({ some }) => some([{ id: "found", namespace: "default" }]));
    all([]);
  });
  expect(homes.of("web")).toEqual(["default", "ci"]);
  expect(homes.of("found")).toEqual(["default"]);
  await homes.ask(async ({ all }) => all([at("ci")]));
  expect([homes.of("web"), homes.of("found")]).toEqual([["ci"], []]);
});

test("a question that fails leaves all as it was", async () => {
  const homes = createHomes();
  homes.appeared(at("default"));
  await expect(homes.ask(() => Promise.reject(new Error("no answer")))).rejects.toThrow("no answer");
  expect(homes.of("web")).toEqual(["default"]);
});
