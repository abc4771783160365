import test from 'ava';
import { vatIdOf } from '../../services/invoicing/tax/vat-id.ts';

const valid = [
  ['AT', 'ATU13585627'],
  ['BE', 'BE0428759497'],
  ['BG', 'BG175074752'],
  ['CH', 'CHE107787577IVA'],
  ['CY', 'CY10259033P'],
  ['CZ', 'CZ25123891'],
  ['DE', 'DE136695976'],
  ['DK', 'DK13585628'],
  ['EE', 'EE100931558'],
  ['GR', 'EL094259216'],
  ['ES', 'ES54362315K'],
  ['ES', 'ESB58378431'],
  ['ES', 'ESX2482300W'],
  ['FI', 'FI20774740'],
  ['FR', 'FR40303265045'],
  ['FR', 'FRK7399859412'],
  ['GB', 'GB980780684'],
  ['GB', 'GBGD001'],
  ['GB', 'XI980780684'],
  ['HR', 'HR33392005961'],
  ['HU', 'HU12892312'],
  ['IE', 'IE6433435F'],
  ['IE', 'IE6433435OA'],
  ['IT', 'IT00743110157'],
  ['LT', 'LT119511515'],
  ['LU', 'LU15027442'],
  ['LV', 'LV40003521600'],
  ['MT', 'MT11679112'],
  ['NL', 'NL004495445B01'],
  ['NL', 'NL000099998B57'],
  ['NO', 'NO995525828MVA'],
  ['PL', 'PL8567346215'],
  ['PT', 'PT501964843'],
  ['RO', 'RO18547290'],
  ['SE', 'SE123456789701'],
  ['SI', 'SI50223054'],
  ['SK', 'SK2022749619'],
] as const;

for (const [country, id] of valid)
  test(`${id} is a VAT id of ${country}`, (t) => {
    t.deepEqual(vatIdOf(id), { country, id });
  });

/** VAT ids with one wrong digit, which the check digits must find. */
for (const id of [
  'ATU13585626',
  'BE0428759498',
  'CHE107787578',
  'DE136695977',
  'DK13585629',
  'EE100931559',
  'EL094259217',
  'ES54362315A',
  'ESB58378432',
  'ESX2482300A',
  'FI20774741',
  'FR41303265045',
  'FR40303265046',
  'GB980780685',
  'HR33392005962',
  'HU12892313',
  'IT00743110158',
  'LU15027443',
  'NL004495446B01',
  'NO995525829MVA',
  'PL8567346216',
  'PT501964844',
  'SE123456789801',
])
  test(`${id} fails its check digits`, (t) => {
    t.is(vatIdOf(id), undefined);
  });

for (const id of [
  '',
  'DE',
  'DE13669597',
  'DE1366959761',
  'DE036695976',
  'US123456789',
  '136695976',
  'NL004495445B00',
  'GBGD500',
  'GR094259216',
])
  test(`'${id}' is not a VAT id`, (t) => {
    t.is(vatIdOf(id), undefined);
  });

test('a VAT id is parsed in capitals without spaces, dots and hyphens', (t) => {
  t.is(vatIdOf(' de 136.695-976 ')?.id, 'DE136695976');
  t.is(vatIdOf('CHE-107.787.577 IVA')?.id, 'CHE107787577IVA');
  t.is(vatIdOf('NO 995 525 828 MVA')?.id, 'NO995525828MVA');
});

test('an absent text is not a VAT id', (t) => {
  t.is(vatIdOf(null), undefined);
});
