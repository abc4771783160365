import { exponentOf } from '../../shared/money.ts';
import type { ProblemCode } from '../../shared/problems/index.ts';
import type { Rejection } from '../../shared/result.ts';
import { buyerVatId, sellerIdentifier } from './e-invoice-parties.ts';
import { matchesRate, type TaxGroup } from './e-invoice-taxes.ts';
import { textOf } from './e-invoice-values.ts';
import type { Party, PrintedDocument } from './printed-document.ts';

/** The codes of a refused e-invoice. */
export const eInvoiceProblems = [
  'e-invoice-buyer-incomplete',
  'e-invoice-buyer-unregistered',
  'e-invoice-currency-unsupported',
  'e-invoice-seller-incomplete',
  'e-invoice-seller-unregistered',
  'e-invoice-tax-unsupported',
  'e-invoice-without-lines',
] as const satisfies readonly ProblemCode[];

const refusal = (code: (typeof eInvoiceProblems)[number], message: string): Rejection => ({ code, message });

/** Why a document cannot satisfy the rules of EN 16931, or undefined when it can. */
export function refusalOf(document: PrintedDocument, groups: readonly TaxGroup[]): Rejection | undefined {
  return contentRefusal(document, groups) ?? partyRefusal(document) ?? registrationRefusal(document, groups);
}

function contentRefusal({ currency, lines }: PrintedDocument, groups: readonly TaxGroup[]): Rejection | undefined {
  // BR-DEC-01 to BR-DEC-28
  if (exponentOf(currency) > 2)
    return refusal(
      'e-invoice-currency-unsupported',
      `Amounts of an e-invoice have at most two decimals; ${currency} has ${exponentOf(currency)}.`,
    );
  // BR-16
  if (lines.length === 0) return refusal('e-invoice-without-lines', 'An e-invoice must have at least one line.');
  const odd = groups.find((group) => !matchesRate(group, currency));
  return (
    odd && refusal('e-invoice-tax-unsupported', `The tax does not equal the rate ${odd.rate} of the net amount, as an e-invoice requires.`)
  );
}

/** BR-06 to BR-11. */
function partyRefusal({ seller, buyer }: PrintedDocument): Rejection | undefined {
  if (!isNamed(seller))
    return refusal('e-invoice-seller-incomplete', 'The seller has no name or no country. Add both to the legal entity.');
  return isNamed(buyer) ? undefined : refusal('e-invoice-buyer-incomplete', 'The customer has no name or no country.');
}

const isNamed = ({ name, country }: Party): boolean => textOf(name) !== undefined && /^[A-Z]{2}$/.test(country);

function registrationRefusal({ seller, buyer }: PrintedDocument, groups: readonly TaxGroup[]): Rejection | undefined {
  const isWithinVat = groups.some(({ category }) => category !== 'O');
  // BR-S-02, BR-Z-02, BR-E-02, BR-AE-02, BR-G-02
  if (isWithinVat && textOf(seller.vatId) === undefined)
    return refusal(
      'e-invoice-seller-unregistered',
      'The seller has no VAT id, which an e-invoice with tax or an exemption must contain. Add it to the legal entity.',
    );
  // BR-CO-26
  if (sellerIdentifier(seller) === undefined)
    return refusal(
      'e-invoice-seller-incomplete',
      'The seller has neither a VAT id nor an e-mail address to be identified by. Add one to the legal entity.',
    );
  const isReverseCharge = groups.some(({ category }) => category === 'AE');
  // BR-AE-02
  if (isReverseCharge && buyerVatId(buyer) === undefined)
    return refusal(
      'e-invoice-buyer-unregistered',
      'The customer has no valid VAT id, which an e-invoice with a reverse charge must contain.',
    );
  return undefined;
}
