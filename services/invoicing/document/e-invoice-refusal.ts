import { exponentOf } from '../../shared/money.ts';
import type { ProblemCode } from '../../shared/problems/index.ts';
import type { Rejection } from '../../shared/result.ts';
import { buyerVatId, sellerIdentifier } from './e-invoice-parties.ts';
import { matchesRate, type TaxGroup } from './e-invoice-taxes.ts';
import { textOf } from './e-invoice-values.ts';
import type { Party, PrintedDocument } from './printed-document.ts';

type Code = ProblemCode extends infer Known ? (Known extends `e-invoice-${infer Name}` ? Name : never) : never;

const refusal = (code: Code, message: string): Rejection => ({ code: `e-invoice-${code}` as ProblemCode, message });

/** Why a document cannot be written so that the rules of EN 16931 hold, or undefined when it can. */
export function refusalOf(document: PrintedDocument, groups: readonly TaxGroup[]): Rejection | undefined {
  return contentRefusal(document, groups) ?? partyRefusal(document) ?? registrationRefusal(document, groups);
}

function contentRefusal({ currency, lines }: PrintedDocument, groups: readonly TaxGroup[]): Rejection | undefined {
  // BR-DEC-01 to BR-DEC-28
  if (exponentOf(currency) > 2)
    return refusal('currency-unsupported', `Amounts of an e-invoice have two decimals at most; ${currency} has ${exponentOf(currency)}.`);
  // BR-16
  if (lines.length === 0) return refusal('without-lines', 'An e-invoice has at least one line.');
  const odd = groups.find((group) => !matchesRate(group, currency));
  return odd && refusal('tax-unsupported', `The tax at the rate ${odd.rate} is not that part of the net amount, as an e-invoice has it.`);
}

/** BR-06 to BR-11. */
function partyRefusal({ seller, buyer }: PrintedDocument): Rejection | undefined {
  if (!isNamed(seller)) return refusal('seller-incomplete', 'The seller has no name or no country; give the legal entity both.');
  return isNamed(buyer) ? undefined : refusal('buyer-incomplete', 'The customer has no name or no country.');
}

const isNamed = ({ name, country }: Party): boolean => textOf(name) !== undefined && /^[A-Z]{2}$/.test(country);

function registrationRefusal({ seller, buyer }: PrintedDocument, groups: readonly TaxGroup[]): Rejection | undefined {
  const isWithinVat = groups.some(({ category }) => category !== 'O');
  // BR-S-02, BR-Z-02, BR-E-02, BR-AE-02, BR-G-02
  if (isWithinVat && textOf(seller.vatId) === undefined)
    return refusal(
      'seller-unregistered',
      'The seller has no VAT id, which an e-invoice with tax or an exemption names; give the legal entity one.',
    );
  // BR-CO-26
  if (sellerIdentifier(seller) === undefined)
    return refusal('seller-incomplete', 'The seller has neither a VAT id nor an e-mail address to be told by; give the legal entity one.');
  const isReverseCharge = groups.some(({ category }) => category === 'AE');
  // BR-AE-02
  if (isReverseCharge && buyerVatId(buyer) === undefined)
    return refusal('buyer-unregistered', 'The customer has no valid VAT id, which a reverse charge names.');
  return undefined;
}
