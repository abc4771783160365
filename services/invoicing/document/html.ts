import { type Content, contentOf } from './content.ts';
import type { PrintedDocument } from './printed-document.ts';
import { directionOf } from './text-runs.ts';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] as string);

const style = `
  body { font: 15px/1.5 "Noto Sans", system-ui, sans-serif; color: #1a1a1a; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
  header, section { display: flex; justify-content: space-between; gap: 2rem; margin-bottom: 2rem }
  h1 { font-size: 1.8rem; margin: 0 } address { font-style: normal } small, dt, th { color: #666; font-weight: normal }
  dl { display: grid; grid-template-columns: auto auto; gap: 0 1.5rem; margin: 0 } dd { margin: 0; text-align: end }
  table { width: 100%; border-collapse: collapse } th { border-bottom: 1px solid #d0d0d0 } th, td { padding: .35rem 0; text-align: end }
  th:first-child, td:first-child { text-align: start } td small { display: block } tfoot tr:first-child td { border-top: 1px solid #d0d0d0 }
  tfoot td:first-child { text-align: end } .main td { font-weight: bold } td { font-variant-numeric: tabular-nums }
  @media print { body { margin: 0; max-width: none } }`;

/** The document as one HTML page that loads nothing else. Every text is escaped. */
export function htmlOf(document: PrintedDocument): string {
  const content = contentOf(document);
  const { locale, title, number, words } = content;
  return `<!doctype html>
<html lang="${escaped(locale)}" dir="${directionOf(locale)}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(`${title} ${number}`)}</title><style>${style}</style></head>
<body>
${headOf(content)}
<table>
<thead><tr>${[words.description, words.quantity, words.tax, words.amount].map((word) => `<th scope="col">${escaped(word)}</th>`).join('')}</tr></thead>
<tbody>${content.rows.map(rowOf).join('')}</tbody>
<tfoot>${content.totals.map(totalOf).join('')}</tfoot>
</table>
${content.notes.map((note) => `<p><small>${escaped(note)}</small></p>`).join('\n')}
</body>
</html>
`;
}

const headOf = ({ title, status, seller, buyer, facts, words }: Content): string => `<header>
<address><strong>${escaped(seller[0] ?? '')}</strong><br>${seller.slice(1).map(escaped).join('<br>')}</address>
<div><h1>${escaped(title)}</h1>${status === null ? '' : `<small>${escaped(status)}</small>`}</div>
</header>
<section>
<address><small>${escaped(words.billedTo)}</small><br>${buyer.map(escaped).join('<br>')}</address>
<dl>${facts.map(([label, value]) => `<dt>${escaped(label)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>
</section>`;

const rowOf = ({ description, detail, quantity, tax, amount }: Content['rows'][number]): string =>
  `<tr><td>${escaped(description)}${detail === '' ? '' : `<small>${escaped(detail)}</small>`}</td>${[quantity, tax, amount].map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;

const totalOf = ({ label, amount, isMain }: Content['totals'][number]): string =>
  `<tr${isMain ? ' class="main"' : ''}><td colspan="3">${escaped(label)}</td><td>${escaped(amount)}</td></tr>`;
