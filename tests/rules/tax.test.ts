import test from 'ava';
import { type TaxRequestChanges, taxed } from '../support/tax-requests.ts';

const only = (request: TaxRequestChanges) =>
  taxed(request).totals.map(({ category, rate, tax, jurisdiction, reason }) => [category, rate, tax, jurisdiction, reason]);

test('four lines with a discount of 10 % are taxed on their discounted amounts', (t) => {
  const australian = { seller: { country: 'AU', registrations: ['AU'] }, buyer: { country: 'AU' } };
  const { lines, totals } = taxed({ amounts: [900, 1800, 2700, 3600], ...australian });

  t.deepEqual(
    lines.map(({ tax }) => tax),
    [90, 180, 270, 360],
  );
  t.deepEqual(totals, [{ category: 'S', rate: '0.1', taxable: 9000, tax: 900, reason: null, note: null, name: 'GST', jurisdiction: 'AU' }]);
});

test('tax is rounded once per rate, and the remaining cent goes to the largest remainder, then to the first line', (t) => {
  const { lines, totals } = taxed({ amounts: [3, 3, 4] });

  t.like(totals, [{ taxable: 10, tax: 2 }]);
  t.deepEqual(
    lines.map(({ tax }) => tax),
    [1, 0, 1],
  );
});

test('an inclusive price contains the tax: gross x rate / (1 + rate)', (t) => {
  t.like(taxed({ amounts: [1799], taxBehaviour: 'inclusive' }), {
    lines: [{ rate: '0.19', category: 'S', net: 1512, tax: 287 }],
    totals: [{ taxable: 1512, tax: 287, name: 'USt.' }],
  });
});

test('half a cent is rounded away from zero, also for a credit', (t) => {
  const swedish = { buyer: { country: 'SE' } };
  t.like(taxed({ amounts: [2], ...swedish }), { lines: [{ tax: 1 }], totals: [{ tax: 1 }] });
  t.like(taxed({ amounts: [-2], ...swedish }), { lines: [{ tax: -1 }], totals: [{ tax: -1 }] });
});

test('a credit above the charge has negative tax, and lines that cancel each other have none', (t) => {
  t.like(taxed({ amounts: [1000, -3000] }), { lines: [{ tax: 190 }, { tax: -570 }], totals: [{ taxable: -2000, tax: -380 }] });
  t.like(taxed({ amounts: [777, -777] }), { lines: [{ tax: 147 }, { tax: -147 }], totals: [{ taxable: 0, tax: 0 }] });
});

test('an invoice without lines has no totals', (t) => {
  t.deepEqual(taxed({ amounts: [] }), { lines: [], totals: [] });
});

test('a fee is compensation and bears no tax next to a taxed service', (t) => {
  const { lines, totals } = taxed({ amounts: [1000], fees: [500] });

  t.like(lines[1], { rate: '0', category: 'O', net: 500, tax: 0 });
  t.like(totals, [
    { category: 'S', taxable: 1000, tax: 190 },
    { category: 'O', taxable: 500, tax: 0, reason: 'compensation' },
  ]);
});

const french = { country: 'FR', vatId: 'FR40303265045' };

const german = { country: 'DE', vatId: 'DE136695976' };

for (const [given, request, category, rate, jurisdiction, reason] of [
  ['a seller without registrations', { seller: { registrations: [] } }, 'O', '0', 'DE', 'seller-not-registered'],
  ['a consumer at home', {}, 'S', '0.19', 'DE', null],
  ['a consumer in another state', { buyer: { country: 'FR' } }, 'S', '0.2', 'FR', null],
  [
    'a consumer abroad, and a seller registered there instead of the one-stop shop',
    { seller: { registrations: ['FR'] }, buyer: { country: 'FR' } },
    'S',
    '0.2',
    'FR',
    null,
  ],
  [
    'a consumer abroad, and a seller registered at home only (art. 59c)',
    { seller: { registrations: ['DE'] }, buyer: { country: 'FR' } },
    'S',
    '0.19',
    'DE',
    null,
  ],
  [
    'a seller from outside the EU in its one-stop shop',
    { seller: { country: 'US', registrations: ['EU-OSS'] }, buyer: { country: 'HU' } },
    'S',
    '0.27',
    'HU',
    null,
  ],
  [
    'a seller from outside, registered in another state only',
    { seller: { country: 'US', registrations: ['DE'] }, buyer: { country: 'HU' } },
    'O',
    '0',
    'HU',
    'seller-not-registered',
  ],
  ['a business of another state', { buyer: french }, 'AE', '0', 'FR', 'reverse-charge'],
  ['a business of the same state', { buyer: german }, 'S', '0.19', 'DE', null],
  ['a business abroad with an id of the state of the seller', { buyer: { ...german, country: 'FR' } }, 'S', '0.19', 'DE', null],
  [
    'a business of a state where a foreign seller is only registered',
    { seller: { country: 'US', registrations: ['DE'] }, buyer: german },
    'AE',
    '0',
    'DE',
    'reverse-charge',
  ],
  ['a VAT id with a wrong check digit', { buyer: { ...french, vatId: 'FR41303265045' } }, 'S', '0.2', 'FR', null],
  [
    'a business abroad, and a seller without registrations',
    { seller: { registrations: [] }, buyer: french },
    'O',
    '0',
    'FR',
    'seller-not-registered',
  ],
  ['an exempt buyer', { buyer: { exempt: true } }, 'E', '0', 'DE', 'buyer-exempt'],
  ['an exempt business abroad', { buyer: { ...french, exempt: true } }, 'AE', '0', 'FR', 'reverse-charge'],
  ['a buyer outside the EU', { buyer: { country: 'US', region: 'NY' } }, 'O', '0', 'US-NY', 'place-of-supply-outside-eu'],
  ['a buyer in Northern Ireland', { buyer: { country: 'GB', postalCode: 'BT1 5GS' } }, 'O', '0', 'GB', 'place-of-supply-outside-eu'],
] as const)
  test(`from Germany: ${given} is ${category} at ${rate} in ${jurisdiction}`, (t) => {
    t.deepEqual(only(request), [[category, rate, rate === '0' ? 0 : Number(rate) * 1000, jurisdiction, reason]]);
  });

for (const [where, country, postalCode, area] of [
  ['Gran Canaria', 'ES', '35001', 'ES-CN'],
  ['Tenerife', 'ES', '38001', 'ES-CN'],
  ['Ceuta', 'ES', '51001', 'ES-CE'],
  ['Melilla', 'ES', '52001', 'ES-ML'],
  ['Büsingen', 'DE', 'D-78266', 'CH'],
  ['Heligoland', 'DE', '27498', 'DE-HELIGOLAND'],
  ['Réunion', 'FR', '97400', 'RE'],
  ['Mayotte', 'FR', '97600', 'FR-OVERSEAS'],
  ['Athos', 'GR', '630 86', 'GR-69'],
  ['Livigno', 'IT', '23041', 'IT-LIVIGNO'],
  ['Campione', 'IT', '22061', 'IT-CAMPIONE'],
  ['Åland', 'FI', 'AX-22100', 'AX'],
] as const)
  test(`${where} is outside EU VAT`, (t) => {
    t.deepEqual(only({ buyer: { country, postalCode } }), [['O', '0', 0, area, 'place-of-supply-outside-eu']]);
  });

test('Monaco is France for VAT, the Isle of Man is GB, the Azores and Madeira are Portugal with rates of their own', (t) => {
  t.deepEqual(only({ buyer: { country: 'MC', postalCode: '98000' } }), [['S', '0.2', 200, 'FR', null]]);
  t.deepEqual(only({ seller: { registrations: ['GB'] }, buyer: { country: 'IM' } }), [['S', '0.2', 200, 'GB', null]]);
  t.deepEqual(only({ buyer: { country: 'PT', postalCode: '9500-321' } }), [['S', '0.16', 160, 'PT-20', null]]);
  t.deepEqual(only({ buyer: { country: 'PT', region: '30' } }), [['S', '0.22', 220, 'PT-30', null]]);
});

test('the VAT of France applies in Réunion, for sellers registered in France', (t) => {
  t.deepEqual(only({ seller: { country: 'FR', registrations: ['FR'] }, buyer: { country: 'FR', postalCode: '97400' } }), [
    ['S', '0.085', 85, 'RE', null],
  ]);
});

test('a reverse charge names its law on the invoice', (t) => {
  t.is(taxed({ buyer: french }).totals[0]?.note, 'Reverse charge: Articles 44 and 196 of Directive 2006/112/EC');
});

test('a business in GB or Norway accounts for the tax of a seller from abroad, and pays a seller of its own country', (t) => {
  const british = { country: 'GB', vatId: 'GB 980 7806 84' };
  t.deepEqual(only({ seller: { registrations: ['GB'] }, buyer: british }), [['AE', '0', 0, 'GB', 'reverse-charge']]);
  t.deepEqual(only({ seller: { country: 'GB', registrations: ['GB'] }, buyer: british }), [['S', '0.2', 200, 'GB', null]]);
  t.deepEqual(only({ seller: { registrations: ['NO'] }, buyer: { country: 'NO', vatId: 'NO995525828MVA' } }), [
    ['AE', '0', 0, 'NO', 'reverse-charge'],
  ]);
});

test("the rate of Brazil's ISS applies to the price with tax", (t) => {
  const brazilian = { seller: { country: 'BR', registrations: ['BR-3550308'] }, buyer: { country: 'BR' } };
  t.like(taxed({ amounts: [10000], taxBehaviour: 'inclusive', ...brazilian }), { lines: [{ rate: '0.029', net: 9710, tax: 290 }] });
  t.like(taxed({ amounts: [9710], ...brazilian }), { lines: [{ rate: '0.029', net: 9710, tax: 290 }] });
});
