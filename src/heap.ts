import { setFlagsFromString } from "node:v8";

/*
 * What V8 is told before anything that runs for long is loaded; each was measured by `npm run bench -- --only sizes,rates,start`.
 *
 * It doubles the two halves for what is new whenever some of it lives on, up to 16 MB each, and gives nothing back. The 1 MB with which it
 * begins costs no CPU at any size of request, and saves 10 to 20 MB.
 *
 * Its two quick compilers between the interpreter and the optimising one bring code, tables and memory that malloc keeps for their threads:
 * 8 MB at 10,000 spans a second. What is hot is optimised without them too.
 */
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--no-sparkplug");
setFlagsFromString("--no-maglev");
