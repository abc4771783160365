import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ImplementationFn } from 'ava';
import { run } from '../../dapr/runtime/command.ts';
import { obtainEInvoiceRules } from '../tools/e-invoice-rules.ts';

/**
 * The verdict on one document: breaches of UBL's schema, and failed rules as `BR-CO-15: text of the
 * rule`. A document with warnings only is an e-invoice.
 */
export type Verdict = { readonly schema: readonly string[]; readonly fatal: readonly string[]; readonly warnings: readonly string[] };

/**
 * A test by the official rules. It fails, with the programs to install, where the rules cannot be
 * obtained.
 */
export const officialTest = (title: string, implementation: ImplementationFn<[]>): void =>
  test(title, async (t) => {
    t.timeout(600_000, 'the rules are obtained once');
    await implementation(t);
  });

/**
 * Verdicts by the names of the documents, all from one process, because loading the rules takes
 * much longer than applying them.
 */
export async function officialVerdicts<Name extends string>(documents: Readonly<Record<Name, string>>): Promise<Record<Name, Verdict>> {
  const { classpath, xslt, schemaCheck, schemas } = await obtainEInvoiceRules();
  const folder = await mkdtemp(join(tmpdir(), 'marquee-e-invoices-'));
  const [written, judged] = [join(folder, 'written'), join(folder, 'judged')];
  const names = Object.keys(documents) as Name[];
  try {
    await Promise.all([mkdir(written), mkdir(judged)]);
    await Promise.all(names.map((name, index) => writeFile(join(written, `${index}.xml`), documents[name])));
    await run('java', ['-cp', classpath, 'net.sf.saxon.Transform', `-s:${written}`, `-xsl:${xslt}`, `-o:${judged}`]);
    const breaches = await run('java', [schemaCheck, written, ...schemas]);
    const reports = await Promise.all(names.map((_, index) => readFile(join(judged, `${index}.xml`), 'utf8')));
    const verdict = (index: number): Verdict => ({
      schema: breachesOf(`${index}.xml`, breaches),
      ...verdictOf(reports[index] as string),
    });
    return Object.fromEntries(names.map((name, index) => [name, verdict(index)])) as Record<Name, Verdict>;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const breachesOf = (file: string, breaches: string) =>
  breaches.split('\n').flatMap((line) => (line.startsWith(`${file}\t`) ? [line.slice(file.length + 1)] : []));

/**
 * Reads a report of the rules. A report in which no rule fired belongs to a document that is no
 * e-invoice.
 */
function verdictOf(report: string): Omit<Verdict, 'schema'> {
  if (!report.includes('<svrl:fired-rule')) throw new Error(`No rule was applied: ${report.slice(0, 500)}`);
  const failed = [...report.matchAll(/<svrl:failed-assert\b([^>]*)>[\s\S]*?<svrl:text>([\s\S]*?)<\/svrl:text>/g)];
  const failures = failed.map(([, attributes = '', text = '']) => ({
    isFatal: !attributes.includes('flag="warning"'),
    rule: text.replace(/\s+/g, ' ').trim(),
  }));
  const rulesOf = (isFatal: boolean) => failures.filter((failure) => failure.isFatal === isFatal).map(({ rule }) => rule);
  return { fatal: rulesOf(true), warnings: rulesOf(false) };
}
