import type { TaxBuyer } from './tax-calculator.ts';

/**
 * The place of a buyer for tax: the area whose taxes apply (`DE`, `PT-20`, `US-NY`), and its
 * country.
 */
export type TaxPlace = { readonly country: string; readonly area: string };

const memberStates = new Set('AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '));

/**
 * The member state whose VAT an area belongs to (the Azores and Madeira have rates of their own),
 * or undefined outside EU VAT.
 */
export function memberStateOf(area: string): string | undefined {
  const state = area === 'PT-20' || area === 'PT-30' ? 'PT' : area;
  return memberStates.has(state) ? state : undefined;
}

/**
 * Countries that belong to another one for VAT: Directive 2006/112/EC art. 7 (Monaco, Isle of Man),
 * the Swiss-Liechtenstein treaty of 1994.
 */
const sameAs: Readonly<Record<string, string>> = { MC: 'FR', IM: 'GB', LI: 'CH' };

export const taxCountryOf = (country: string): string => sameAs[country] ?? country;

type Territory = { readonly country: string; readonly postal: RegExp; readonly regions?: readonly string[]; readonly area: string };

/**
 * Parts of a country with taxes of their own, by postal code or ISO 3166-2 subdivision. Those
 * outside EU VAT are listed in Directive 2006/112/EC art. 6; Büsingen is Swiss territory for VAT
 * (MWSTG art. 3 letter a). Northern Ireland is GB, because the Windsor Framework does not cover
 * services.
 */
const territories: readonly Territory[] = [
  { country: 'DE', postal: /^78266$/, area: 'CH' },
  { country: 'DE', postal: /^27498$/, area: 'DE-HELIGOLAND' },
  { country: 'ES', postal: /^(35|38)\d{3}$/, regions: ['CN', 'GC', 'TF'], area: 'ES-CN' },
  { country: 'ES', postal: /^51\d{3}$/, regions: ['CE'], area: 'ES-CE' },
  { country: 'ES', postal: /^52\d{3}$/, regions: ['ML'], area: 'ES-ML' },
  { country: 'FI', postal: /^22\d{3}$/, regions: ['01'], area: 'AX' },
  { country: 'FR', postal: /^971\d{2}$/, regions: ['971', 'GP'], area: 'GP' },
  { country: 'FR', postal: /^972\d{2}$/, regions: ['972', 'MQ'], area: 'MQ' },
  { country: 'FR', postal: /^973\d{2}$/, regions: ['973', 'GF'], area: 'GF' },
  { country: 'FR', postal: /^974\d{2}$/, regions: ['974', 'RE'], area: 'RE' },
  {
    country: 'FR',
    postal: /^(97[5-9]|98[46-8])\d{2}$/,
    regions: ['976', 'YT', 'PM', 'BL', 'MF', 'WF', 'PF', 'NC', 'TF'],
    area: 'FR-OVERSEAS',
  },
  { country: 'GR', postal: /^63086$/, regions: ['69'], area: 'GR-69' },
  { country: 'IT', postal: /^23041$/, area: 'IT-LIVIGNO' },
  { country: 'IT', postal: /^22061$/, area: 'IT-CAMPIONE' },
  { country: 'NO', postal: /^(917\d|8099)$/, regions: ['21', '22'], area: 'SJ' },
  { country: 'PT', postal: /^9[5-9]\d{2}/, regions: ['20'], area: 'PT-20' },
  { country: 'PT', postal: /^9[0-4]\d{2}/, regions: ['30'], area: 'PT-30' },
];

/** Countries whose taxes depend on the state or province. */
export const taxesByRegion = (country: string): boolean => country === 'US' || country === 'CA';

/** The place of a buyer, from the country, region and postal code on the invoice. */
export function placeOf({ country, region, postalCode }: Pick<TaxBuyer, 'country' | 'region' | 'postalCode'>): TaxPlace {
  const taxCountry = taxCountryOf(country);
  const postal = (postalCode ?? '')
    .toUpperCase()
    .replace(/^[A-Z]{1,2}-/, '')
    .replace(/[\s-]/g, '');
  const isIn = (territory: Territory): boolean =>
    territory.country === country && (territory.postal.test(postal) || (region !== null && territory.regions?.includes(region) === true));
  const territory = territories.find(isIn);
  if (territory !== undefined) return { country: taxCountry, area: territory.area };
  return { country: taxCountry, area: taxesByRegion(country) && region !== null ? `${country}-${region}` : taxCountry };
}
