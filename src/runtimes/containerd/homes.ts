/** An ID in the namespace that it is in. */
export type Place = { readonly id: string; readonly namespace: string };

/** In which namespaces IDs are: with containerd's own tools an ID is a name, which another namespace may have too, or have next. */
export type Homes = {
  of(id: string): readonly string[];
  /** Events have told of it. */
  appeared(place: Place): void;
  gone(place: Place): void;
  /** Puts a question: what is heard until its answer is taken goes before the answer. */
  ask<T>(question: (asked: Asked) => Promise<T>): Promise<T>;
};

/** Takes the answer to a question. */
export type Asked = {
  /** Some of those that are there. */
  some(places: readonly Place[]): void;
  /** All that are there. */
  all(places: readonly Place[]): void;
};

/** Containers of which it is remembered where they are. */
const maxContainers = 100_000;

export function createHomes(): Homes {
  let homes = new Map<string, readonly string[]>();
  /** The last that was heard of a place while questions are under way. */
  const news = new Map<string, Place & { readonly isThere: boolean }>();
  let questions = 0;

  const put = ({ id, namespace }: Place) => {
    const before = homes.get(id) ?? [];
    if (!before.includes(namespace) && homes.size < maxContainers) homes.set(id, [...before, namespace]);
  };
  const remove = ({ id, namespace }: Place) => {
    const left = homes.get(id)?.filter((home) => home !== namespace) ?? [];
    if (left.length > 0) homes.set(id, left);
    else homes.delete(id);
  };
  const keyOf = ({ id, namespace }: Place) => `${namespace}/${id}`;
  const hear = (place: Place, isThere: boolean) => {
    if (questions > 0) news.set(keyOf(place), { ...place, isThere });
    if (isThere) put(place);
    else remove(place);
  };
  const isLeft = (place: Place) => news.get(keyOf(place))?.isThere !== false;

  const asked: Asked = {
    some(places) {
      for (const place of places.filter(isLeft)) hear(place, true);
    },
    all(places) {
      homes = new Map();
      for (const place of places.filter(isLeft)) put(place);
      for (const place of news.values()) if (place.isThere) put(place);
    },
  };

  return {
    of: (id) => homes.get(id) ?? [],
    appeared: (place) => hear(place, true),
    gone: (place) => hear(place, false),
    async ask(question) {
      questions++;
      try {
        return await question(asked);
      } finally {
        if (--questions === 0) news.clear();
      }
    },
  };
}
