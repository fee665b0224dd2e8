import { setFlagsFromString } from "node:v8";

/*
 * What V8 is told before anything that runs for long is loaded; docs/performance.md has the figures.
 *
 * It doubles the two halves for what is new whenever some of it lives on, up to 16 MB each, and gives nothing back. The 1 MB with which it
 * begins costs no CPU that can be told at any size of request, and saves 10 to 20 MB at full load.
 *
 * Its two quick compilers between the interpreter and the optimising one bring code, tables and memory that malloc keeps for their threads, and
 * more of it for half an hour. Without them what is hot is optimised sooner than after the 3000 calls that V8 counts by itself: at a hundred
 * requests a second those are half a minute in the interpreter, at twice the CPU.
 */
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--no-sparkplug");
setFlagsFromString("--no-maglev");
setFlagsFromString("--invocation-count-for-turbofan=800");
