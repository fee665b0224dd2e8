import { encodeEntity, type Entity } from "../../otlp/stamping/entity-refs.ts";

/** What tells which one an entity is, and by what its other attributes begin. */
const kinds = [
  { type: "k8s.pod", id: "k8s.pod.uid", about: ["k8s.pod."] },
  { type: "k8s.container", id: "k8s.container.name", about: ["k8s.container."] },
  { type: "container", id: "container.id", about: ["container.", "oci."] },
] as const;

/** The entities whose identifying attribute is among those that are written. */
export function entitiesOf(keys: readonly string[]): readonly Entity[] {
  return kinds
    .filter(({ id }) => keys.includes(id))
    .map(({ type, id, about }) =>
      encodeEntity({
        type,
        // A container's name is unique in its pod only.
        idKeys: type === "k8s.container" && keys.includes("k8s.pod.uid") ? ["k8s.pod.uid", id] : [id],
        descriptionKeys: keys.filter((key) => key !== id && about.some((start) => key.startsWith(start))),
      }),
    );
}
