import { pdfOf } from '../../services/invoicing/document/pdf.ts';
import { printedInvoice } from '../../services/invoicing/document/printed-document.ts';
import { issuedInvoice } from '../support/issued-invoice.ts';
import { medianMillis } from './median.ts';

/** Names of a plan by language: each in a script of its own. */
const names: Readonly<Record<string, string>> = {
  en: 'Premium',
  ar: 'باقة',
  hi: 'प्रीमियम',
  ja: '請求',
  zh: '套餐',
};

/** An invoice of five lines as a PDF, in each language. */
export async function benchPdf(): Promise<string> {
  const lines = Array.from({ length: 5 }, (_, index) => ({ amount: 999 + index, name: names }));
  const medians: string[] = [];
  for (const locale of Object.keys(names)) {
    const invoice = printedInvoice(issuedInvoice({ lines, buyer: { locale } }));
    medians.push(`${locale} ${(await medianMillis(() => pdfOf(invoice))).toFixed(1)} ms`);
  }
  return `median by language: ${medians.join(', ')} (target under 60)`;
}
