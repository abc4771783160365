import { runAhead } from '../../actors/subscription/rules/forecast.ts';
import type { Subscription } from '../../actors/subscription/rules/subscription.ts';
import { pdfOf } from '../../services/invoicing/document/pdf.ts';
import { printedInvoice } from '../../services/invoicing/document/printed-document.ts';
import { issuedInvoice } from '../support/issued-invoice.ts';
import { given, paid, start } from '../support/subscription-life.ts';

const runs = 60;

/** Milliseconds of the middle run; a third of the runs goes first, for a process is warm after a while. */
async function medianOf(run: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < runs + runs / 3; index += 1) {
    const began = performance.now();
    await run();
    if (index >= runs / 3) times.push(performance.now() - began);
  }
  return times.sort((one, other) => one - other)[runs / 2] as number;
}

/** Three years of a monthly subscription, run ahead in process. */
export function measureForecast(): Promise<number> {
  const { before } = given([start(), '2026-01-31'], [paid, '2026-01-31']);
  return medianOf(() => runAhead(before as Subscription, '2026-01-31T00:00:00.000Z', '2029-01-31T00:00:00.000Z', [], 'ok'));
}

const names: Readonly<Record<string, string>> = {
  en: 'Premium',
  ar: 'باقة',
  hi: 'प्रीमियम',
  ja: '請求',
  zh: '套餐',
};

/** An invoice of five lines as PDF, by language: its words and a plan's name in that script. */
export async function measurePdf(): Promise<readonly { readonly locale: string; readonly millis: number }[]> {
  const measured: { locale: string; millis: number }[] = [];
  for (const locale of Object.keys(names)) {
    const lines = Array.from({ length: 5 }, (_, index) => ({ amount: 999 + index, name: names }));
    const invoice = printedInvoice(issuedInvoice({ lines, buyer: { locale } }));
    measured.push({ locale, millis: await medianOf(() => pdfOf(invoice)) });
  }
  return measured;
}

if (import.meta.main) console.log(await measureForecast(), await measurePdf());
