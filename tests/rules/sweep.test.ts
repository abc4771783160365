import test from 'ava';
import { createLog } from '../../services/host/log.ts';
import { createBackOff } from '../../services/shared/back-off.ts';
import { createSweep, type PageOfRows } from '../../services/shared/sweep.ts';
import { until } from '../support/wait-until.ts';

const log = createLog('silent', 'test');
const idOf = (index: number) => `row_${String(index).padStart(4, '0')}`;
const rows = Array.from({ length: 501 }, (_, index) => ({ _id: idOf(index) }));
const page: PageOfRows<{ _id: string }> = async (after, limit) => rows.filter(({ _id }) => _id > after).slice(0, limit);

test('rows that always fail hide no other row, however many they are', async (t) => {
  const done: string[] = [];
  const work = async ({ _id }: { _id: string }) => {
    if (_id < idOf(500)) throw new Error('never');
    done.push(_id);
  };

  t.is(await createSweep({ name: 'row', page, work }, log).sweep(), 1);

  t.deepEqual(done, [idOf(500)]);
});

test('a row that failed is tried again later and later, and at once after it succeeded', async (t) => {
  let [now, isAway, tried] = [0, true, 0];
  const work = async () => {
    tried += 1;
    if (isAway) throw new Error('away');
  };
  const one: PageOfRows<{ _id: string }> = async (after) => (after === '' ? [{ _id: 'row' }] : []);
  const sweep = createSweep(
    { name: 'row', page: one, work },
    log,
    30_000,
    createBackOff(() => now, 1000, 3000),
  );
  const triesAt = async (millis: number) => {
    now = millis;
    await sweep.sweep();
    return tried;
  };

  t.deepEqual([await triesAt(0), await triesAt(999), await triesAt(1000)], [1, 1, 2]);
  t.deepEqual([await triesAt(2999), await triesAt(3000)], [2, 3]);
  t.deepEqual([await triesAt(5999), await triesAt(6000)], [3, 4], 'never later than the longest wait');
  isAway = false;
  t.deepEqual([await triesAt(9000), await triesAt(9000)], [5, 6]);
});

test('a sweep finds what a later outage has left, without a restart', async (t) => {
  const owed = ['row_1'];
  const pageOfOwed: PageOfRows<{ _id: string }> = async (after) => owed.filter((_id) => _id > after).map((_id) => ({ _id }));
  const sweep = createSweep({ name: 'row', page: pageOfOwed, work: async () => void owed.pop() }, log, 1);
  t.teardown(() => sweep.stop());
  await sweep.start();
  t.is(owed.length, 0);

  owed.push('row_2');

  await until(async () => owed.length === 0);
  t.pass();
});

test('a sweep runs once at a time, and ends when it is stopped', async (t) => {
  let [running, most] = [0, 0];
  const work = async () => {
    running += 1;
    most = Math.max(most, running);
    await undefined;
    running -= 1;
  };
  const sweep = createSweep({ name: 'row', page, work }, log, 1);

  await Promise.all([sweep.start(), sweep.start()]);
  await sweep.stop();

  t.is(most, 1);
});
