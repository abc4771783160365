import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath, run } from '../../dapr/runtime/command.ts';
import { binariesDirectory } from '../../dapr/runtime/directories.ts';
import { waitForLock } from '../../dapr/runtime/process-lock.ts';

/**
 * What says whether an XML file is an e-invoice: the schemas it must follow, a stylesheet that answers which rules fail, and the Java, the
 * libraries and the program that apply them.
 */
export type EInvoiceRules = {
  readonly java: string;
  readonly classpath: string;
  readonly xslt: string;
  readonly schemaCheck: string;
  readonly schemas: readonly string[];
};

const project = fileURLToPath(new URL('e-invoice-rules', import.meta.url));
const rulesArtifacts = ['com.helger.phive.rules', 'com.helger.ubl', 'com.helger.xsd'].join(',');
/** The rules for UBL of June 2025; the artifact holds earlier ones beside them. */
const stylesheet = join('external', 'schematron', '1.3.14.2', 'ubl', 'EN16931-UBL-validation.xslt');
const ubl = join('external', 'schemas', 'ubl21');
/** In the order in which they build on each other: UBL imports the first four by name only. */
const schemas = [
  ...['xmldsig-core-schema', 'XAdES01903v132-201601', 'XAdES01903v141-201601', 'CCTS_CCT_SchemaModule'].map((name) =>
    join('schemas', `${name}.xsd`),
  ),
  ...['Invoice', 'CreditNote'].map((name) => join(ubl, 'maindoc', `UBL-${name}-2.1.xsd`)),
];

/** Why the rules cannot be had on this machine, or undefined when they can. */
export function missingForEInvoiceRules(): string | undefined {
  const missing = ['java', 'mvn'].filter((program) => findOnPath(program) === undefined);
  return missing.length === 0 ? undefined : `${missing.join(' and ')} not installed`;
}

/** The official rules, obtained at the first call on this machine; after that no network is needed. Throws when they cannot be had. */
export async function obtainEInvoiceRules(): Promise<EInvoiceRules> {
  const recipe = await Promise.all([readFile(import.meta.filename), readFile(join(project, 'pom.xml'))]);
  const key = createHash('sha256').update(Buffer.concat(recipe)).digest('hex').slice(0, 12);
  const final = join(binariesDirectory, `e-invoice-rules-${key}`);
  const lock = await waitForLock(join(binariesDirectory, 'e-invoice-rules.lock'), () => {});
  try {
    if (!existsSync(final)) await fill(final);
  } finally {
    lock.release();
  }
  const java = findOnPath('java');
  if (java === undefined) throw new Error('java is not on PATH');
  const rules = join(final, 'rules');
  return {
    java,
    classpath: join(final, 'lib', '*'),
    xslt: join(rules, stylesheet),
    schemaCheck: join(project, 'SchemaCheck.java'),
    schemas: schemas.map((schema) => join(rules, schema)),
  };
}

/** Fills a folder beside the final one and moves it there at once, so that a half-filled one is never taken for whole. */
async function fill(final: string): Promise<void> {
  const partial = await mkdtemp(join(binariesDirectory, 'e-invoice-rules-partial-'));
  const maven = (goal: string, ...options: readonly string[]) =>
    // Maven keeps marker files relative to where it runs.
    run('mvn', ['-q', '-B', '-f', join(partial, 'pom.xml'), `dependency:${goal}`, ...options], { directory: partial });
  try {
    await copyFile(join(project, 'pom.xml'), join(partial, 'pom.xml'));
    await maven('copy-dependencies', `-DexcludeGroupIds=${rulesArtifacts}`, `-DoutputDirectory=${join(partial, 'lib')}`);
    const only = [`-DincludeGroupIds=${rulesArtifacts}`, `-Dmdep.unpack.includes=${[stylesheet, ...schemas, `${ubl}/common/*`].join(',')}`];
    await maven('unpack-dependencies', ...only, `-DoutputDirectory=${join(partial, 'rules')}`);
    for (const part of [stylesheet, ...schemas])
      if (!existsSync(join(partial, 'rules', part))) throw new Error(`the artifacts of ${rulesArtifacts} hold no ${part}`);
    await rename(partial, final);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
