import { vatIdOf } from '../tax/vat-id.ts';
import { isOutsideVat } from './e-invoice-taxes.ts';
import { type Content, textOf } from './e-invoice-values.ts';
import type { Party, PrintedDocument } from './printed-document.ts';

/** BT-48: only a number in the form of its country, whose code it must begin with (BR-CO-09). */
export const buyerVatId = ({ vatId }: Party): string | undefined => vatIdOf(vatId)?.id;

/**
 * BT-31, and BT-32 for a number of another form (Australia's ABN). Neither is allowed where the
 * whole document is outside the scope of VAT (BR-O-02).
 */
function sellerTaxSchemeOf({ vatId }: Party): Content | undefined {
  const known = vatIdOf(vatId)?.id;
  const number = known ?? textOf(vatId);
  return number === undefined ? undefined : { 'cbc:CompanyID': number, 'cac:TaxScheme': { 'cbc:ID': known === undefined ? 'TAX' : 'VAT' } };
}

/** BT-29. One of three numbers must identify the seller (BR-CO-26), else the e-mail address. */
export const sellerIdentifier = ({ vatId, email }: Party): string | undefined => textOf(vatId) ?? textOf(email);

/** BG-4. */
export function sellerOf(document: PrintedDocument): Content {
  const { seller } = document;
  const isIdentified = !isOutsideVat(document) && vatIdOf(seller.vatId) !== undefined;
  return partyOf(
    seller,
    isIdentified ? undefined : sellerIdentifier(seller),
    isOutsideVat(document) ? undefined : sellerTaxSchemeOf(seller),
  );
}

/** BG-7. */
export function buyerOf(document: PrintedDocument): Content {
  const vatId = isOutsideVat(document) ? undefined : buyerVatId(document.buyer);
  return partyOf(document.buyer, undefined, vatId && { 'cbc:CompanyID': vatId, 'cac:TaxScheme': { 'cbc:ID': 'VAT' } });
}

const partyOf = (party: Party, identifier: string | undefined, taxScheme: Content | undefined): Content => ({
  'cac:Party': {
    'cbc:EndpointID': endpointOf(party),
    'cac:PartyIdentification': identifier && { 'cbc:ID': identifier },
    'cac:PostalAddress': addressOf(party),
    'cac:PartyTaxScheme': taxScheme,
    'cac:PartyLegalEntity': { 'cbc:RegistrationName': party.name.trim() },
  },
});

/** `EM` is electronic mail in the list of electronic address schemes (BR-62, BR-63, BR-CL-25). */
function endpointOf({ email }: Party): Content | undefined {
  const address = textOf(email);
  return address && { '@schemeID': 'EM', '#': address };
}

/** Fields of an address have free names; these are the ones that EN 16931 has (BG-5, BG-8). */
const addressOf = ({ address, country }: Party): Content => ({
  'cbc:StreetName': textOf(address.line1),
  'cbc:AdditionalStreetName': textOf(address.line2),
  'cbc:CityName': textOf(address.city),
  'cbc:PostalZone': textOf(address.postalCode),
  'cbc:CountrySubentity': textOf(address.region ?? address.state),
  'cac:Country': { 'cbc:IdentificationCode': country },
});
