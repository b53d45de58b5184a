import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { precompress } from "./scripts/precompress.ts";

/** Where `npm run dev` finds a running `sightline serve`. */
const API = process.env["SIGHTLINE_DEV_API"] ?? "http://127.0.0.1:4318";

export default defineConfig({
  // Relative, so that the same build works under any path prefix; `<base>` is set by the server.
  base: "./",
  plugins: [react({ jsxImportSource: "@/lib/shownText" }), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  // The server replaces the placeholder in every answer; see sightline_ui/page.py.
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    outDir: "sightline_ui/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The first chunk is known to be large; a test holds its compressed size.
    chunkSizeWarningLimit: 800,
  },
  server: { proxy: { "/api": API, "/v1": API } },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], setupFiles: ["src/test.setup.ts"] },
});
