import { Document, isScalar, Scalar, visit } from "yaml";

/** Everything that a terminal would act on, or show as something else. */
const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** The value as YAML, in which nothing could steer a terminal; what JSON has not is left out as JSON does. */
export function yaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      if (isScalar(node) && typeof node.value === "string" && steering.test(node.value))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const text = document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
  // What is left of them stands within double quotes.
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    char === "\n" ? char : `\\U${(char.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`,
  );
}
