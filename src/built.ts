/* What scripts/build.ts puts in the place of these names; a checkout runs as it is and has none. */
declare const PODSTAMP_VERSION: string | undefined;
declare const PODSTAMP_ONE_FILE: true | undefined;

/** The version of the build; undefined in a checkout. */
export const builtVersion = typeof PODSTAMP_VERSION === "undefined" ? undefined : PODSTAMP_VERSION;

/** Whether the whole program is one file: a thread starts with that file, and its name says which worker it is. */
export const isOneFile = typeof PODSTAMP_ONE_FILE !== "undefined";
