import { defineConfig } from "vitest/config";

// Everything the page needs comes from its own origin as a hashed file: the server sends a strict
// content security policy, so no inline script, no inline style, no data: module.
export default defineConfig({
  base: "./",
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    outDir: "../static",
    emptyOutDir: true,
    target: "es2022",
    assetsDir: "assets",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { host: "127.0.0.1" },
  test: { include: ["test/**/*.test.ts"], environment: "node" },
});
