import test from 'ava';
import { sharedMarquee } from '../support/shared-marquee.ts';
import { fuzzApi } from '../tools/schemathesis.ts';

test('every response to a valid or an invalid request is as the OpenAPI document describes it', async (t) => {
  t.timeout(600_000, 'the tools are obtained once');
  const { url, client } = await sharedMarquee();
  const { report, operations, requests, failures, errors } = await fuzzApi(url, client.token, {
    phases: 'fuzzing',
    examples: 4,
    seed: 20_261_128,
  });
  t.log(`${operations} operations, ${requests} requests, ${failures} failures, ${errors} errors`);
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Readonly<Record<string, object>> };
  t.is(operations, Object.values(paths).flatMap(Object.keys).length, 'every operation is tested');
  t.true(requests > 3 * operations, 'nearly every operation receives its four requests');
  t.is(failures + errors, 0, report);
  t.is((await client.get('/v1/customers')).status, 200, 'the token was valid until the end');
});
