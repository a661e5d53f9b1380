import { defineConfig } from 'vite';

// The page is served below this prefix by src/api/page.
export default defineConfig({
  base: '/_weft/ui/',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2022',
    // Nothing but the sources decides what is written: no maps, no dates, names by content.
    sourcemap: false,
    // 8 KB less, compressed, than what esbuild leaves, for a build that takes longer.
    minify: 'terser',
    terserOptions: { compress: { passes: 2 }, format: { comments: false } },
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      output: { entryFileNames: 'assets/[name]-[hash].js', chunkFileNames: 'assets/[name]-[hash].js', assetFileNames: 'assets/[name]-[hash][extname]' },
    },
  },
  // `npm run dev` beside `weft serve --listen 127.0.0.1:9338`.
  server: { proxy: { '/_weft/v1': 'http://127.0.0.1:9338' } },
});
