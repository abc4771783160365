import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { page } from './page.ts';

const assetsFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const startScript = `window.addEventListener('load', () => {
  window.ui = SwaggerUIBundle({
    url: '/openapi.json', dom_id: '#operations', deepLinking: true, docExpansion: 'none', filter: true,
    displayRequestDuration: true, tryItOutEnabled: true, persistAuthorization: false, validatorUrl: null,
    defaultModelsExpandDepth: 0, syntaxHighlight: { activated: true },
  });
});
`;

/** The files of the operations page by name: Swagger UI's own, and the script that starts it. */
export type Asset = { readonly type: string; readonly read: () => string | Buffer };

const fromPackage = (file: string, type: string): Asset => ({ type, read: () => readFileSync(join(assetsFolder, file)) });

export const assets: Readonly<Record<string, Asset>> = {
  'swagger-ui.css': fromPackage('swagger-ui.css', 'text/css; charset=utf-8'),
  'swagger-ui-bundle.js': fromPackage('swagger-ui-bundle.js', 'text/javascript; charset=utf-8'),
  'start.js': { type: 'text/javascript; charset=utf-8', read: () => startScript },
};

/**
 * Every operation with its schemas, examples and errors, each of which can be tried with a token.
 */
export const operationsPage = (version: string): string =>
  page(
    `Marquee API ${version}`,
    `<p>The same document for machines: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).
To try an operation, choose <b>Authorize</b> and enter an access token of <code>POST /v1/auth/token</code> or an API key.</p>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"><div id="operations"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/assets/start.js"></script>`,
  );
