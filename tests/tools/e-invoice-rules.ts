import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../dapr/runtime/command.ts';
import { obtainOnce } from './obtain-once.ts';
import { requirePrograms } from './required-programs.ts';

/**
 * The schemas of UBL, a stylesheet that reports the failed rules, and the Java libraries and
 * program that apply both.
 */
export type EInvoiceRules = {
  readonly classpath: string;
  readonly xslt: string;
  readonly schemaCheck: string;
  readonly schemas: readonly string[];
};

const project = fileURLToPath(new URL('e-invoice-rules', import.meta.url));
const rulesArtifacts = ['com.helger.phive.rules', 'com.helger.ubl', 'com.helger.xsd'].join(',');
/** The rules for UBL of June 2025; the artifact contains earlier ones as well. */
const stylesheet = join('external', 'schematron', '1.3.14.2', 'ubl', 'EN16931-UBL-validation.xslt');
const ubl = join('external', 'schemas', 'ubl21');
/** In the order of their dependencies: UBL imports the first four by name only. */
const schemas = [
  ...['xmldsig-core-schema', 'XAdES01903v132-201601', 'XAdES01903v141-201601', 'CCTS_CCT_SchemaModule'].map((name) =>
    join('schemas', `${name}.xsd`),
  ),
  ...['Invoice', 'CreditNote'].map((name) => join(ubl, 'maindoc', `UBL-${name}-2.1.xsd`)),
];

/**
 * The official rules, obtained at the first call on this machine; later calls need no network.
 * Throws when they cannot be obtained.
 */
export async function obtainEInvoiceRules(): Promise<EInvoiceRules> {
  requirePrograms('check e-invoices by the official rules', ['java', 'mvn']);
  const recipe = await Promise.all([readFile(import.meta.filename), readFile(join(project, 'pom.xml'))]);
  const key = createHash('sha256').update(Buffer.concat(recipe)).digest('hex').slice(0, 12);
  const folder = await obtainOnce('e-invoice-rules', key, fill);
  const rules = join(folder, 'rules');
  return {
    classpath: join(folder, 'lib', '*'),
    xslt: join(rules, stylesheet),
    schemaCheck: join(project, 'SchemaCheck.java'),
    schemas: schemas.map((schema) => join(rules, schema)),
  };
}

async function fill(folder: string): Promise<void> {
  // Maven keeps marker files relative to the folder in which it runs.
  const maven = (goal: string, ...options: readonly string[]) =>
    run('mvn', ['-q', '-B', '-f', join(folder, 'pom.xml'), `dependency:${goal}`, ...options], { directory: folder });
  await copyFile(join(project, 'pom.xml'), join(folder, 'pom.xml'));
  await maven('copy-dependencies', `-DexcludeGroupIds=${rulesArtifacts}`, `-DoutputDirectory=${join(folder, 'lib')}`);
  const files = [stylesheet, ...schemas, `${ubl}/common/*`].join(',');
  const only = [`-DincludeGroupIds=${rulesArtifacts}`, `-Dmdep.unpack.includes=${files}`];
  await maven('unpack-dependencies', ...only, `-DoutputDirectory=${join(folder, 'rules')}`);
  for (const part of [stylesheet, ...schemas])
    if (!existsSync(join(folder, 'rules', part))) throw new Error(`The artifacts of ${rulesArtifacts} have no file ${part}.`);
}
