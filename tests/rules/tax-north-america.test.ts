import test from 'ava';
import { type TaxRequestChanges, taxed } from '../support/tax-requests.ts';

const only = (request: TaxRequestChanges) =>
  taxed(request).totals.map(({ category, rate, tax, jurisdiction, reason }) => [category, rate, tax, jurisdiction, reason]);

const american = (region: string | null, ...registrations: string[]): TaxRequestChanges => ({
  seller: { country: 'US', registrations },
  buyer: { country: 'US', region },
});

for (const [given, request, expected] of [
  ['where streaming is taxed', american('WA', 'US-WA'), ['S', '0.065', 65, 'US-WA', null]],
  ['where streaming is not taxed', american('NY', 'US-NY'), ['O', '0', 0, 'US-NY', 'supply-not-taxed']],
  ['where the law is unclear', american('KS', 'US-KS'), ['O', '0', 0, 'US-KS', 'taxability-undecided']],
  ['in a state without registration', american('WA', 'US-NY'), ['O', '0', 0, 'US-WA', 'seller-not-registered']],
  ['in an unknown state', american(null, 'US-NY'), ['O', '0', 0, 'US', 'buyer-region-unknown']],
  ['in a state without a sales tax', american('OR', 'US-OR'), ['O', '0', 0, 'US-OR', 'no-rate-in-table']],
] as const)
  test(`an American buyer ${given}: ${expected[4] ?? expected[1]}`, (t) => {
    t.deepEqual(only(request), [[...expected]]);
  });

test('GST and QST stack: each has a total on the same net amount, and the line has both', (t) => {
  const { lines, totals } = taxed({
    amounts: [1799, 350],
    seller: { country: 'CA', registrations: ['CA', 'CA-QC'] },
    buyer: { country: 'CA', region: 'QC' },
  });

  t.like(totals, [
    { name: 'GST', rate: '0.05', taxable: 2149, tax: 107, jurisdiction: 'CA' },
    { name: 'QST', rate: '0.09975', taxable: 2149, tax: 214, jurisdiction: 'CA-QC' },
  ]);
  t.is(totals.length, 2);
  t.deepEqual(
    lines.map(({ rate, net, tax }) => [rate, net, tax]),
    [
      ['0.14975', 1799, 269],
      ['0.14975', 350, 52],
    ],
  );
});

test('a Canadian price that includes GST and QST is divided without losing a cent', (t) => {
  const { lines, totals } = taxed({
    amounts: [11498],
    taxBehaviour: 'inclusive',
    seller: { country: 'CA', registrations: ['CA', 'CA-QC'] },
    buyer: { country: 'CA', region: 'QC' },
  });

  t.deepEqual(
    totals.map(({ taxable, tax }) => [taxable, tax]),
    [
      [10000, 500],
      [10000, 998],
    ],
  );
  t.like(lines, [{ net: 10000, tax: 1498 }]);
});

for (const [region, registrations, names] of [
  ['ON', ['CA'], ['HST 0.13']],
  ['AB', ['CA'], ['GST 0.05']],
  ['QC', ['CA'], ['GST 0.05']],
  ['QC', ['CA-QC'], ['QST 0.09975']],
  ['BC', ['CA', 'CA-BC'], ['GST 0.05', 'PST 0.07']],
  ['SK', ['CA', 'CA-SK'], ['GST 0.05', 'PST 0.06']],
  ['MB', ['CA', 'CA-MB'], ['GST 0.05', 'RST 0.07']],
] as const)
  test(`in ${region}, registered for ${registrations.join(' and ')}, a buyer is charged ${names.join(' and ')}`, (t) => {
    const { totals } = taxed({ seller: { country: 'CA', registrations }, buyer: { country: 'CA', region } });
    t.deepEqual(
      totals.map(({ name, rate }) => `${name} ${rate}`),
      [...names],
    );
  });

test('Manitoba taxes streaming since December 2021; before, only GST is charged', (t) => {
  const inManitoba = { seller: { country: 'CA', registrations: ['CA', 'CA-MB'] }, buyer: { country: 'CA', region: 'MB' } };
  t.is(taxed({ ...inManitoba, at: '2021-11-30T12:00:00.000Z' }).lines[0]?.rate, '0.05');
  t.is(taxed({ ...inManitoba, at: '2021-12-01T12:00:00.000Z' }).lines[0]?.rate, '0.12');
});

test('India: CGST and SGST within a state, IGST from another or from abroad', (t) => {
  const inKarnataka = (registration: string) => ({
    seller: { country: 'IN', registrations: [registration] },
    buyer: { country: 'IN', region: 'KA' },
  });
  t.deepEqual(only(inKarnataka('IN-KA')), [
    ['S', '0.09', 90, 'IN', null],
    ['S', '0.09', 90, 'IN-KA', null],
  ]);
  t.deepEqual(only(inKarnataka('IN-MH')), [['S', '0.18', 180, 'IN', null]]);
  t.deepEqual(only(inKarnataka('IN')), [['S', '0.18', 180, 'IN', null]]);
});
