import type { EventMessage } from './asyncapi.ts';
import { escaped, page } from './page.ts';

const sample = (value: unknown): string => `<pre class="sample">${escaped(JSON.stringify(value, null, 2))}</pre>`;

const section = ({ name, summary, payload, examples: [example] }: EventMessage): string =>
  `<h2 id="${name}"><code>${name}</code></h2><p>${escaped(summary)}</p>${sample(example.payload)}
<details><summary>Schema of the data</summary>${sample((payload.properties as { readonly data: unknown }).data)}</details>`;

/** Every type of event with its description, an example and its schema. */
export const eventsPage = (messages: readonly EventMessage[]): string =>
  page(
    'Events',
    `<p>The same document for machines, with the shared schemas: <a href="/asyncapi.json">/asyncapi.json</a> (AsyncAPI 3.0).</p>
<table>${messages.map(({ name, summary }) => `<tr><td><a href="#${name}"><code>${name}</code></a></td><td>${escaped(summary)}</td></tr>`).join('')}</table>
${messages.map(section).join('\n')}`,
  );
