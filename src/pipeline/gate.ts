/**
 * Closed while somebody says that memory is short: receivers then refuse requests, so that they can be sent again, before they
 * read them. One for all components of a service.
 */
export type Gate = {
  readonly isClosed: boolean;
  /** Says for oneself that it is to be closed, or no longer; it is open when nobody wants it closed. */
  set(by: object, isClosed: boolean): void;
};

/** An open gate. */
export function createGate(): Gate {
  const closing = new Set<object>();
  return {
    get isClosed() {
      return closing.size > 0;
    },
    set(by, isClosed) {
      if (isClosed) closing.add(by);
      else closing.delete(by);
    },
  };
}
