import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const SERVER = process.env.TRIMTAB_URL ?? 'http://127.0.0.1:5000';

/** Builds the web app into dist/web, where the server finds it; `npx vite` serves it with the API proxied. */
export default defineConfig({
  root: fileURLToPath(new URL('web', import.meta.url)),
  plugins: [react()],
  build: {
    outDir: fileURLToPath(new URL('dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    // ECharts, React Flow, Plotly and Vega are chunks of their own, loaded by what draws with them.
    chunkSizeWarningLimit: 1500,
  },
  server: {
    port: 5173,
    proxy: { '/api': SERVER, '/health': SERVER, '/docs': SERVER, '/v2': SERVER },
  },
});
