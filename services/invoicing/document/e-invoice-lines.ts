import { portion } from '../../shared/money.ts';
import { isOutsideVat, lineCategoryOf } from './e-invoice-taxes.ts';
import { amountIn, type Content, fractionOf, periodOf, textOf } from './e-invoice-values.ts';
import type { PrintedDocument, PrintedLine } from './printed-document.ts';

/** "One" of UN/ECE Recommendation 20 (BR-CL-23). */
const one = 'C62';

/**
 * The price of a line without tax and before its discount. Its difference to the net amount
 * (BT-131) is the discount, so that both are exact.
 */
function baseOf({ amount, discount, net, taxRate }: PrintedLine, taxBehaviour: PrintedDocument['taxBehaviour']): number {
  if (discount === 0) return net;
  if (taxBehaviour === 'exclusive') return net + discount;
  const fraction = fractionOf(taxRate);
  return Math.max(net, portion(amount, fraction.one, fraction.one + fraction.numerator));
}

/**
 * A price is never negative (BR-27): a credit is a negative quantity. Where the price of one unit
 * would not be whole, the whole line is one unit.
 */
function quantityOf(base: number, quantity: number): { readonly quantity: number; readonly price: number } {
  const counted = quantity > 0 && base % quantity === 0 ? quantity : 1;
  return { quantity: base < 0 ? -counted : counted, price: Math.abs(base) / counted };
}

/**
 * BG-27: discounts reduce lines, because a discount on the whole document would have to be rounded
 * for each rate.
 */
function allowanceOf(amount: Content, names: readonly string[]): Content {
  const named = textOf([...new Set(names.map((name) => name.trim()))].filter((name) => name !== '').join(', '));
  return { 'cbc:ChargeIndicator': 'false', 'cbc:AllowanceChargeReason': named ?? 'Discount', 'cbc:Amount': amount };
}

/**
 * The lines (BG-25) with the ids 1, 2, 3, for an invoice or a credit note, which differ in two
 * names.
 */
export function linesOf(document: PrintedDocument): readonly Content[] {
  const { kind, currency, discounts, lines, taxBehaviour } = document;
  const amount = amountIn(currency);
  const isOutside = isOutsideVat(document);
  return lines.map((line, index) => {
    const base = baseOf(line, taxBehaviour);
    const { quantity, price } = quantityOf(base, line.quantity);
    const counted = { '@unitCode': one, '#': String(quantity) };
    const names = discounts.map(({ name }) => name);
    return {
      'cbc:ID': String(index + 1),
      [kind === 'invoice' ? 'cbc:InvoicedQuantity' : 'cbc:CreditedQuantity']: counted,
      'cbc:LineExtensionAmount': amount(line.net),
      'cac:InvoicePeriod': periodOf(line.period, document.timezone),
      'cac:AllowanceCharge': base === line.net ? undefined : allowanceOf(amount(base - line.net), names),
      'cac:Item': itemOf(line, Math.abs(quantity), lineCategoryOf(line, isOutside)),
      'cac:Price': { 'cbc:PriceAmount': amount(price) },
    };
  });
}

/**
 * BG-31. Every item has a name (BR-25). Where the whole line is one unit, the description names the
 * real quantity.
 */
const itemOf = ({ description, quantity }: PrintedLine, counted: number, category: Content): Content => ({
  'cbc:Description': quantity === counted ? undefined : `Quantity: ${quantity}`,
  'cbc:Name': textOf(description) ?? 'Subscription',
  'cac:ClassifiedTaxCategory': category,
});
