import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Relative addresses: the page works under any path prefix, through its <base> element.
  base: "./",
  plugins: [react()],
  build: {
    outDir: "../argus/server/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: "es2022",
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
  css: {
    preprocessorOptions: {
      // Bootstrap 5 still uses @import; its own warnings are not ours to mend.
      scss: { quietDeps: true, silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"] },
    },
  },
  server: {
    proxy: {
      "/api": "http://127.0.0.1:8000",
      "/ws": { target: "ws://127.0.0.1:8000", ws: true },
    },
  },
  // What is tested are functions: one module's tests need no process, and no copy of the modules, of their own.
  test: { environment: "node", include: ["src/**/*.test.ts"], isolate: false },
});
