/** The longest wait that a timer of Node's can hold, in ms; a longer one would fire at once. */
export const longestTimerMs = 2 ** 31 - 1;
