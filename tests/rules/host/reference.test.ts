import test from 'ava';
import { referenceRoutes } from '../../../services/host/reference/reference-routes.ts';
import { eventSchemas } from '../../../services/shared/contracts/events.ts';
import { problems } from '../../../services/shared/problems/index.ts';
import { everyService } from '../../support/every-service.ts';
import { openPublicDoor } from '../../support/public-door.ts';

const services = await everyService();

const door = await openPublicDoor({ routes: referenceRoutes(async () => services, '1.2.3', 'https://billing.example') });
test.after.always(door.close);

const json = 'application/json; charset=utf-8';
const html = 'text/html; charset=utf-8';

async function textOf(path: string) {
  const response = await fetch(`${door.url}${path}`, { redirect: 'manual' });
  return { status: response.status, type: response.headers.get('content-type'), headers: response.headers, text: await response.text() };
}

for (const [path, version, field, paths] of [
  ['/openapi.json', 'openapi', 'paths', services.flatMap(({ routes }) => routes.map((route) => route.path.replaceAll(/:(\w+)/g, '{$1}')))],
  ['/asyncapi.json', 'asyncapi', 'components.messages', Object.keys(eventSchemas)],
] as const)
  test(`${path} is one document of everything, in JSON and without a token`, async (t) => {
    const { status, type, text } = await textOf(path);
    const document = JSON.parse(text);
    const described = field.split('.').reduce((part, name) => part[name], document);
    t.is(status, 200);
    t.is(type, json);
    t.regex(document[version], /^3\.\d\.\d$/);
    t.is(document.info.version, '1.2.3');
    t.deepEqual(
      paths.filter((name) => !(name in described)),
      [],
    );
  });

for (const [path, texts] of [
  ['/docs', ['/openapi.json']],
  ['/docs/events', ['/asyncapi.json', ...Object.keys(eventSchemas).map((type) => `id="${type}"`)]],
  ['/docs/problems', Object.keys(problems)],
  ['/docs/problems/path-not-found', ['path-not-found']],
] as const)
  test(`${path} is a page in HTML that loads nothing from other servers`, async (t) => {
    const { status, type, headers, text } = await textOf(path);
    t.is(status, 200);
    t.is(type, html);
    t.regex(headers.get('content-security-policy') ?? '', /^default-src 'none'/);
    t.notRegex(text, /(?:src|href)="(?:https?:)?\/\//);
    t.deepEqual(
      texts.filter((part) => !text.includes(part)),
      [],
    );
  });

test('a browser that asks for the address itself is led to the reference, and an unknown page is not found', async (t) => {
  const root = await textOf('/');
  t.is(root.status, 303);
  t.is(root.headers.get('location'), '/docs');
  for (const path of ['/docs/problems/no-such-problem', '/docs/assets/no-such-file.js']) t.is((await textOf(path)).status, 404, path);
});
