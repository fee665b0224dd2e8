import { setFlagsFromString } from "node:v8";

/*
 * Must be imported before anything else, while the heap is small. V8 lets the space for young objects grow to 16 MiB, twice over, before
 * it looks for garbage there; the data path makes little of it. At its first size of 1 MiB the process is 20 to 70 MiB smaller
 * and no slower, also with JSON, which makes the most garbage (npm run bench -- --only rates,encodings).
 */
setFlagsFromString("--semi-space-growth-factor=1");
