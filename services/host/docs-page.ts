type Operation = {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Record<string, readonly string[]>[];
};

const asText = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The OpenAPI document as a page to read: every operation by service, with the scope it needs. */
export function docsPage(document: Record<string, unknown>): string {
  const paths = document.paths as Record<string, Record<string, Operation>>;
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ tag: operation.tags?.[0] ?? '', path, method, operation })),
  );
  const sections = [...Map.groupBy(rows, ({ tag }) => tag)].map(
    ([tag, operations]) =>
      `<h2>${asText(tag)}</h2><table>${operations
        .map(
          ({ path, method, operation }) =>
            `<tr><td><b>${method.toUpperCase()}</b></td><td><code>${asText(path)}</code></td><td>${asText(operation.summary ?? '')}</td><td>${asText(operation.security?.[0]?.bearer?.join(' ') ?? 'public')}</td></tr>`,
        )
        .join('')}</table>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Marquee API</title>
<style>body{font:15px/1.5 system-ui;max-width:70rem;margin:2rem auto;padding:0 1rem}td{padding:.2rem .8rem .2rem 0;vertical-align:top}</style>
<h1>Marquee API</h1><p>Schemas of every body and answer: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>${sections.join('')}</html>`;
}
