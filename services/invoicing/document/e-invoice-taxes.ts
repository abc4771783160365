import { exponentOf, portion, sumOf } from '../../shared/money.ts';
import type { TaxCategoryCode } from '../tax/tax-calculator.ts';
import { amountIn, type Content, fractionOf, percentOf } from './e-invoice-values.ts';
import type { PrintedDocument, PrintedLine } from './printed-document.ts';

/**
 * The VAT breakdown of one category and rate (BG-23), as sums of the lines in minor units.
 * `reasons` are why no tax is charged (BT-120).
 */
export type TaxGroup = {
  readonly category: TaxCategoryCode;
  readonly rate: string;
  readonly taxable: number;
  readonly tax: number;
  readonly reasons: readonly string[];
};

/**
 * Reasons for documents without one of their own: these categories require a reason (BR-E-10,
 * BR-AE-10, BR-G-10, BR-O-10).
 */
const generalReasons: Readonly<Partial<Record<TaxCategoryCode, string>>> = {
  E: 'Exempt from VAT',
  AE: 'Reverse charge',
  G: 'Export outside the EU',
  O: 'Not subject to VAT',
};

/**
 * Whether the whole document is outside the scope of VAT: then it may contain no rate and no VAT id
 * (BR-O-02, BR-O-05).
 */
export const isOutsideVat = ({ lines }: PrintedDocument): boolean => lines.every(({ taxCategory }) => taxCategory === 'O');

/**
 * Category O must not occur together with another one (BR-O-11 to BR-O-14); there it is written as
 * exempt, with its own reason.
 */
const writtenCategory = (category: TaxCategoryCode, isOutside: boolean): TaxCategoryCode =>
  category === 'O' && !isOutside ? 'E' : category;

/**
 * Groups the lines and not the tax rows of the document: taxes that stack (GST and QST) have a row
 * each over one taxable amount, while EN 16931 counts each line once (BR-S-08).
 */
export function taxGroupsOf(document: PrintedDocument): readonly TaxGroup[] {
  const isOutside = isOutsideVat(document);
  const keyOf = ({ taxCategory, taxRate }: PrintedLine) => `${writtenCategory(taxCategory, isOutside)} ${percentOf(taxRate)}`;
  return [...Map.groupBy(document.lines, keyOf).values()].map((lines) => {
    const [{ taxCategory, taxRate }] = lines as [PrintedLine];
    const category = writtenCategory(taxCategory, isOutside);
    const [taxable, tax] = [sumOf(lines.map(({ net }) => net)), sumOf(lines.map((line) => line.tax))];
    return {
      category,
      rate: taxRate,
      taxable,
      tax,
      reasons: reasonsOf(document, category, new Set(lines.map((line) => line.taxCategory))),
    };
  });
}

function reasonsOf({ taxes }: PrintedDocument, category: TaxCategoryCode, among: ReadonlySet<TaxCategoryCode>): readonly string[] {
  const general = generalReasons[category];
  if (general === undefined) return [];
  const notes = taxes.filter((total) => among.has(total.category)).flatMap(({ note }) => (note === null ? [] : [note]));
  return notes.length === 0 ? [general] : [...new Set(notes)];
}

/**
 * Whether the tax is its rate of the taxable amount, within the one whole unit that the official
 * rules allow for rounding. They compare absolute values in hundredths of a currency unit
 * (BR-CO-17).
 */
export function matchesRate({ taxable, tax, rate }: TaxGroup, currency: string): boolean {
  const { numerator, one } = fractionOf(rate);
  const hundredths = 10 ** (2 - exponentOf(currency));
  return Math.abs(Math.abs(tax) * hundredths - portion(Math.abs(taxable) * hundredths, numerator, one)) < 100;
}

const scheme: Content = { 'cbc:ID': 'VAT' };

/** BG-30: the tax category of a line. */
export const lineCategoryOf = ({ taxCategory, taxRate }: PrintedLine, isOutside: boolean): Content => ({
  'cbc:ID': writtenCategory(taxCategory, isOutside),
  'cbc:Percent': isOutside ? undefined : percentOf(taxRate),
  'cac:TaxScheme': scheme,
});

/** BT-110 and BG-23. */
export function taxTotalOf(groups: readonly TaxGroup[], currency: string): Content {
  const amount = amountIn(currency);
  return {
    'cbc:TaxAmount': amount(sumOf(groups.map(({ tax }) => tax))),
    'cac:TaxSubtotal': groups.map(({ category, rate, taxable, tax, reasons }) => ({
      'cbc:TaxableAmount': amount(taxable),
      'cbc:TaxAmount': amount(tax),
      'cac:TaxCategory': {
        'cbc:ID': category,
        'cbc:Percent': category === 'O' ? undefined : percentOf(rate),
        'cbc:TaxExemptionReason': reasons.length === 0 ? undefined : reasons.join('; '),
        'cac:TaxScheme': scheme,
      },
    })),
  };
}
