import test from 'ava';
import { createLog } from '../../../services/host/log.ts';
import { endInTime, whileRunning } from '../../../services/host/stopping.ts';

test('a process that stops asks for another delivery of every event, and begins nothing', async (t) => {
  let [isStopping, delivered] = [false, 0];
  const deliver = whileRunning({ isStopping: () => isStopping }, async (envelopes) => {
    delivered += envelopes.length;
    return envelopes.map(() => 'SUCCESS');
  });

  t.deepEqual(await deliver([{}, {}]), ['SUCCESS', 'SUCCESS']);
  isStopping = true;
  t.deepEqual(await deliver([{}, {}]), ['RETRY', 'RETRY']);
  t.is(delivered, 2);
});

test('a service that does not stop, or fails to, keeps no process from ending', async (t) => {
  const log = createLog('silent', 'test');

  await endInTime('payment', new Promise(() => {}), log, 10);
  await endInTime('payment', Promise.reject(new Error('away')), log);
  t.pass();
});
