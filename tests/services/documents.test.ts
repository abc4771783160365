import test from 'ava';
import { requireDurableWrites } from '../../services/shared/durable-writes.ts';
import { connectDocuments, documentModel, insertNew, readConcernFor } from '../../services/shared/mongo.ts';
import { StartupError } from '../../services/shared/startup-error.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';

type Row = { _id: string; owner: string; sequence: number };
const fields = { owner: String, sequence: Number };

/**
 * Errors that mongoose ignores too: another process declared the collection, or wrote to it first.
 */
function alreadyThere(error: { codeName?: string }): void {
  if (error.codeName !== 'NamespaceExists') throw error;
}

test('given a document server, when collections are read while their indexes are still being declared, then no read fails', async (t) => {
  const documents = await startDocuments(t);
  const names = Array.from({ length: 12 }, (_, index) => `rows_${index}`);
  const reads = names.map(async (name) => {
    const model = documentModel<Row>(documents, name, fields, [{ fields: { owner: 1 } }, { fields: { sequence: 1 }, unique: true }]);
    await model.collection.insertOne({ _id: 'first', owner: 'nobody', sequence: 0 } as never);
    const found = await Promise.all(Array.from({ length: 40 }, () => model.collection.findOne({ _id: 'first', owner: 'nobody' } as never)));
    return found.every((row) => row !== null) && (await model.countDocuments({ owner: 'nobody' })) === 1;
  });
  t.deepEqual(await Promise.all(reads), Array(12).fill(true));
});

test('given collections that do not exist yet, when declaration and first write of each coincide, then the write is stored', async (t) => {
  const documents = await startDocuments(t);
  for (let index = 0; index < 400; index++) {
    const rows = documents.collection(`rows_${index}`);
    const first = { _id: 'first' } as never;
    await Promise.all([documents.createCollection(rows.collectionName).catch(alreadyThere), rows.insertOne(first)]);
    t.is(await rows.countDocuments(), 1);
  }
});

test('given many documents, when one is read by id and further conditions, then all conditions apply', async (t) => {
  const documents = await startDocuments(t);
  const rows = documentModel<Row>(documents, 'rows', fields);
  await indexesReady(documents);
  await rows.collection.insertMany(
    Array.from({ length: 500 }, (_, index) => ({ _id: `row_${index}`, owner: `o${index % 7}`, sequence: index })) as never,
  );
  t.is(await rows.countDocuments({ _id: 'row_8', owner: 'o1' }), 1);
  t.is(await rows.countDocuments({ _id: 'row_8', owner: 'o2' }), 0);
  t.is(await rows.countDocuments({ _id: { $in: ['row_8', 'row_9', 'row_9999'] }, owner: { $ne: 'o2' } }), 1);
  const guarded = await rows.collection.updateOne({ _id: 'row_8', sequence: { $lt: 8 } } as never, { $set: { owner: 'late' } });
  t.is(guarded.matchedCount, 0, 'a guard that does not hold changes nothing');
});

test('given rows with a unique value, when one is a repeat and another one bears a value that is taken, then only the repeat counts as stored', async (t) => {
  const documents = await startDocuments(t);
  const rows = documentModel<Row>(documents, 'rows', fields, [{ fields: { sequence: 1 }, unique: true }]);
  await indexesReady(documents);
  const first = { _id: 'row_1', owner: 'o1', sequence: 1 };

  t.deepEqual(await insertNew(rows, [first]), new Set(['row_1']));
  t.deepEqual(await insertNew(rows, [first, { _id: 'row_2', owner: 'o1', sequence: 2 }]), new Set(['row_2']));
  await t.throwsAsync(insertNew(rows, [first, { _id: 'row_3', owner: 'o1', sequence: 2 }]), { message: /duplicate key/ });
});

test('every write demands the journals of the majority, in every database of a connection', async (t) => {
  const documents = await startDocuments(t);

  for (const connection of [documents, documents.useDb(`${documents.name}_other`)])
    t.like(connection.db?.collection('rows').writeConcern, { w: 'majority', journal: true });
});

test('reads of a replica set or a cluster see only what no failover takes back', (t) => {
  t.deepEqual(readConcernFor({ setName: 'rs0' }), { level: 'majority' });
  t.deepEqual(readConcernFor({ msg: 'isdbgrid' }), { level: 'majority' });
  t.is(readConcernFor({}), undefined, 'a server that runs alone');
});

test('a connection string that weakens what a write demands is refused at the start', async (t) => {
  const { host, port, name } = await startDocuments(t);
  const uri = `mongodb://${host}:${port}/${name}?journal=false`;
  const weak = await connectDocuments(uri);
  t.teardown(() => weak.close());

  await t.throwsAsync(requireDurableWrites(weak, uri), { instanceOf: StartupError, message: /another write concern/ });
});

test('a server that cannot acknowledge by the journals of the majority is refused at the start', async (t) => {
  const documents = await startDocuments(t);
  const uri = 'mongodb://marquee:secret@documents.example:27017/marquee';
  const unable = {
    getClient: () => documents.getClient(),
    collection: () => ({
      updateOne: async () => {
        throw new Error('waiting for replication timed out');
      },
    }),
  } as unknown as typeof documents;

  await t.notThrowsAsync(requireDurableWrites(documents, uri));
  await t.notThrowsAsync(requireDurableWrites(documents, uri), 'a repeat is harmless');
  const error = await t.throwsAsync(requireDurableWrites(unable, uri), { instanceOf: StartupError });
  t.regex(error.message, /documents\.example:27017 must acknowledge .*MONGODB_URI.*replication timed out/);
});
