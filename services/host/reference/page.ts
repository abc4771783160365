/** Text made safe for HTML. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const style = `body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
a{color:#1f4fd8}code,pre{font:14px/1.5 ui-monospace,monospace}pre.sample{background:#f4f5f7;padding:1rem;overflow:auto;border-radius:6px}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #e3e6ea}
nav a{margin-right:1.2rem}`;

/** A page of the API reference. It loads nothing from other servers. */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${style}</style></head>
<body><nav><a href="/docs">Operations</a><a href="/docs/events">Events</a><a href="/docs/problems">Problem codes</a></nav>
<h1>${escaped(title)}</h1>${body}</body></html>
`;

/**
 * Nothing but our own scripts, styles and data, so that reading the reference makes no request to
 * anybody else.
 */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
