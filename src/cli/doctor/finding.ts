/** What one check found: a warning is worth a look, a problem keeps something from working; each says what to do. */
export type Finding =
  | { readonly status: "ok" | "skipped"; readonly check: string; readonly text: string }
  | { readonly status: "warning" | "problem"; readonly check: string; readonly text: string; readonly todo: string };

/** Makes the findings of one check. */
export function findingsOf(check: string) {
  return {
    ok: (text: string): Finding => ({ status: "ok", check, text }),
    skipped: (text: string): Finding => ({ status: "skipped", check, text }),
    warning: (text: string, todo: string): Finding => ({ status: "warning", check, text, todo }),
    problem: (text: string, todo: string): Finding => ({ status: "problem", check, text, todo }),
  };
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
