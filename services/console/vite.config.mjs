import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The api that `vite dev` and `vite preview` hand /v1 to. */
const apiUrl = process.env.EARSHOT_API_URL ?? 'http://127.0.0.1:8080';
const proxy = { '/v1': { target: apiUrl, changeOrigin: true } };

export default defineConfig({
  plugins: [react()],
  // Nothing inline: the page runs under `script-src 'self'; img-src 'self'`.
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: { host: '127.0.0.1', proxy },
  preview: { host: '127.0.0.1', proxy },
});
