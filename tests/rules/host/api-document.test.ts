import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { healthRoutes } from '../../../services/host/health-routes.ts';
import { openApiDocument } from '../../../services/host/reference/openapi.ts';
import { problemCodes, problemsMarkdown } from '../../../services/host/reference/problem-pages.ts';
import { problems } from '../../../services/shared/problems/index.ts';
import { everyService } from '../../support/every-service.ts';

const project = join(import.meta.dirname, '..', '..', '..');
const services = await everyService();
const routes = [...services.flatMap((service) => service.routes), ...healthRoutes(async () => ({ ready: true, parts: {} }), {} as never)];
const nameOf = ({ method, path }: { readonly method: string; readonly path: string }) => `${method.toUpperCase()} ${path}`;

test('each operation has a summary of at most 50 characters, in the imperative and without a period', (t) => {
  const imperative =
    /^(List|Migrate|Buy|Collect|Retrieve|Create|Update|Replace|Delete|Add|Remove|Archive|Unarchive|Cancel|Uncancel|Pause|Resume|Reactivate|Change|Withdraw|Apply|Preview|Forecast|Simulate|Verify|Explain|Pay|Void|Mark|Issue|Refund|Retry|Record|Redeem|Revoke|Register|Sync|Submit|Accept|Repair|Run|Dry-run|Start|Advance|Exempt|Check|Format|Receive|Replay|Dispute|Confirm|Summarise|Show|Open|Begin|Return|Grant|Charge|Set|Schedule|Compare|Release) /;
  const odd = routes.filter(({ summary }) => !imperative.test(summary) || summary.length > 50 || summary.endsWith('.'));
  t.deepEqual(
    odd.map((route) => `${nameOf(route)}: ${route.summary}`),
    [],
  );
});

test('each operation has a description of complete sentences', (t) => {
  const odd = routes.filter(({ description = '' }) => !/^[A-Z`].*[.!?]$/s.test(description) || description.length < 20);
  t.deepEqual(odd.map(nameOf), []);
});

test('each operation has an identifier of its own', (t) => {
  const ids = routes.map(({ operationId = '' }) => operationId);
  t.deepEqual(routes.filter(({ operationId = '' }) => !/^[a-z][A-Za-z]+$/.test(operationId)).map(nameOf), []);
  t.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
});

test('each operation documents its success responses', (t) => {
  t.deepEqual(routes.filter(({ responses = {} }) => Object.keys(responses).length === 0).map(nameOf), []);
});

test('each problem code has a title, a reason and a remedy in plain sentences', (t) => {
  const isSentence = (text: string) => /^[A-Z`"].*\.$/s.test(text);
  const odd = problemCodes.filter((code) => {
    const { title, when, remedy } = problems[code];
    return title.length > 60 || title.endsWith('.') || !isSentence(when) || !isSentence(remedy);
  });
  t.deepEqual(odd, []);
});

test('no code is cast to a problem code, so that every code that is answered is in the table', (t) => {
  const files = globSync('{services,actors}/**/*.ts', { cwd: project });
  t.deepEqual(
    files.filter((file) => /\bas ProblemCode\b/.test(readFileSync(join(project, file), 'utf8'))),
    [],
  );
});

test('docs/errors.md is the table of problem codes', (t) => {
  t.is(readFileSync(join(project, 'docs', 'errors.md'), 'utf8'), problemsMarkdown(), 'run npm run docs');
});

test('every component has a meaning, and every reference in the document leads to an entry', (t) => {
  const document = openApiDocument(services, '0.1.0', 'http://localhost');
  const text = JSON.stringify(document);
  const { schemas } = document.components as { schemas: Record<string, object> };
  const references = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name));
  t.deepEqual(
    [...references].filter((name) => !(name in schemas)),
    [],
  );
  t.deepEqual(
    Object.entries(schemas).filter(([, schema]) => Object.keys(schema).length === 0),
    [],
  );
});
