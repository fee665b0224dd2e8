import { expect, test } from "vitest";
import { controlFolder } from "../../src/control/sockets.ts";

test.each([
  [1000, { XDG_RUNTIME_DIR: "/run/user/1000" }, "/run/user/1000/podstamp"],
  [1000, {}, undefined],
  [0, {}, "/run/podstamp"],
  [0, { XDG_RUNTIME_DIR: "relative" }, "/run/podstamp"],
  [0, { XDG_RUNTIME_DIR: "/tmp" }, "/tmp/podstamp"],
])("the control socket of user %d with %j is in %s", (uid, env, folder) => {
  expect(controlFolder(env, uid)).toBe(folder);
});

test.each(["/run/user/0", "/run/user/0/", "/run/user/1000"])(
  "root finds a service's podstamp from a session with %s, too",
  (session) => {
    expect(controlFolder({ XDG_RUNTIME_DIR: session }, 0)).toBe("/run/podstamp");
  },
);
