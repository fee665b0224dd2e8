const imported = /^import (?:(\w+)(?:, )?)?(?:\{ (.+) \})? from "(node:[^"]+)";$/gm;

/**
 * Takes Node's own modules as they are. An import of one looks at everything that it exports, and that of node:http loads fetch
 * and WebSocket with all that they need: 8 MB that nobody uses.
 */
export const withoutFacades = {
  name: "without-facades",
  renderChunk: (code: string): string =>
    code.replace(imported, (...[, whole, parts, name]: readonly (string | undefined)[]) => {
      const module = `globalThis.process.getBuiltinModule("${name}")`;
      return [
        ...(whole === undefined ? [] : [`const ${whole} = ${module};`]),
        ...(parts === undefined ? [] : [`const { ${parts.replaceAll(" as ", ": ")} } = ${module};`]),
      ].join(" ");
    }),
};
