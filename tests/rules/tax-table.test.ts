import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { isKnownRegistration, rateFile, taxesIn } from '../../services/invoicing/tax/table.ts';
import { taxed } from '../support/tax-requests.ts';

const folder = join(import.meta.dirname, '..', '..', 'services', 'invoicing', 'tax', 'rates');
const files = globSync('*.json', { cwd: folder });
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

for (const name of files)
  test(`${name} has its sources, and its rates in order without overlap`, (t) => {
    t.true(rateFile.safeParse(read(name)).success);
  });

const example = (rates: readonly object[]) => ({
  area: 'Somewhere',
  source: 'a law',
  asOf: '2026-01-01',
  notes: [],
  taxes: [{ name: 'VAT', jurisdiction: 'XX', zone: 'Europe/Berlin', source: 'a law', rates }],
});

for (const [fault, rates] of [
  [
    'rates that overlap',
    [
      { from: '2020-01-01', until: '2021-01-02', rate: '0.1' },
      { from: '2021-01-01', until: null, rate: '0.2' },
    ],
  ],
  [
    'a rate after one that never ends',
    [
      { from: '2020-01-01', until: null, rate: '0.1' },
      { from: '2021-01-01', until: null, rate: '0.2' },
    ],
  ],
  ['a rate that ends as it begins', [{ from: '2020-01-01', until: '2020-01-01', rate: '0.1' }]],
  [
    'rates out of order',
    [
      { from: '2021-01-01', until: '2022-01-01', rate: '0.1' },
      { from: '2020-01-01', until: '2021-01-01', rate: '0.2' },
    ],
  ],
  ['an impossible day', [{ from: '2021-02-29', until: null, rate: '0.1' }]],
  ['a percentage', [{ from: '2021-01-01', until: null, rate: '19' }]],
  ['a rate that is not a string', [{ from: '2021-01-01', until: null, rate: 0.19 }]],
] as const)
  test(`a table with ${fault} is refused`, (t) => {
    t.false(rateFile.safeParse(example(rates)).success);
  });

test('a table in order, also with a gap, is accepted', (t) => {
  const rates = [
    { from: '2020-01-01', until: '2020-07-01', rate: '0.1' },
    { from: '2021-01-01', until: null, rate: '0.2' },
  ];
  t.true(rateFile.safeParse(example(rates)).success);
});

test('no tax is recorded twice for the same area', (t) => {
  const entries = files.flatMap((name) =>
    rateFile
      .parse(read(name))
      .taxes.flatMap(({ name: tax, jurisdiction, areas = [jurisdiction] }) => areas.map((area) => `${area} ${jurisdiction} ${tax}`)),
  );
  t.is(new Set(entries).size, entries.length);
});

test('the tables have all 27 member states, 45 American states with the capital, and 13 provinces and territories', (t) => {
  const count = (name: string) =>
    new Set(rateFile.parse(read(name)).taxes.flatMap(({ jurisdiction, areas = [jurisdiction] }) => areas)).size;
  t.is(count('european-union.json'), 27 + 2);
  t.is(count('united-states.json'), 45 + 1);
  t.is(count('canada.json'), 13);
  t.is(taxesIn('CA-QC').length, 2);
});

test('a registration without taxes in the table is recognised', (t) => {
  for (const registration of ['DE', 'EU-OSS', 'US-NY', 'CA', 'CA-QC', 'GB', 'IN', 'IN-KA', 'BR-3550308'])
    t.true(isKnownRegistration(registration));
  for (const registration of ['', 'de', 'US', 'US-OR', 'EU', 'IN-*', 'ZZ']) t.false(isKnownRegistration(registration));
});

/** Changes of rates: place, local midnight in UTC, and the rates before and after. */
const changes = [
  ['DE', null, '2020-06-30T22:00:00.000Z', '0.19', '0.16'],
  ['DE', null, '2020-12-31T23:00:00.000Z', '0.16', '0.19'],
  ['EE', null, '2023-12-31T22:00:00.000Z', '0.2', '0.22'],
  ['EE', null, '2025-06-30T21:00:00.000Z', '0.22', '0.24'],
  ['FI', null, '2024-08-31T21:00:00.000Z', '0.24', '0.255'],
  ['SK', null, '2024-12-31T23:00:00.000Z', '0.2', '0.23'],
  ['LU', null, '2022-12-31T23:00:00.000Z', '0.17', '0.16'],
  ['LU', null, '2023-12-31T23:00:00.000Z', '0.16', '0.17'],
  ['RO', null, '2025-07-31T21:00:00.000Z', '0.19', '0.21'],
  ['IE', null, '2020-08-31T23:00:00.000Z', '0.23', '0.21'],
  ['IE', null, '2021-03-01T00:00:00.000Z', '0.21', '0.23'],
  ['CH', null, '2023-12-31T23:00:00.000Z', '0.077', '0.081'],
  ['JP', null, '2019-09-30T15:00:00.000Z', '0.08', '0.1'],
  ['CA', 'NS', '2025-04-01T03:00:00.000Z', '0.15', '0.14'],
  ['US', 'SD', '2023-07-01T05:00:00.000Z', '0.045', '0.042'],
  ['US', 'ME', '2026-01-01T05:00:00.000Z', '0', '0.055'],
] as const;

for (const [country, region, midnight, before, after] of changes)
  test(`${region ?? country} changes from ${before} to ${after} at its own midnight, ${midnight}`, (t) => {
    const seller = { registrations: ['EU-OSS', 'CH', 'JP', 'CA', 'US-SD', 'US-ME'] };
    const rateAt = (at: string) => taxed({ seller, buyer: { country, region }, at }).lines[0]?.rate;
    t.is(rateAt(new Date(Date.parse(midnight) - 1).toISOString()), before);
    t.is(rateAt(midnight), after);
  });

test('before the table begins no tax is charged, and the invoice names the missing rate', (t) => {
  t.like(taxed({ at: '2014-12-31T22:59:59.999Z' }).totals, [{ category: 'O', tax: 0, reason: 'no-rate-in-table', name: 'USt.' }]);
  t.like(taxed({ at: '2014-12-31T23:00:00.000Z' }).totals, [{ category: 'S', rate: '0.19' }]);
});
