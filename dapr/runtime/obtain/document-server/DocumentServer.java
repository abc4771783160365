import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Collection;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import java.util.List;
import java.util.stream.Stream;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * A server of MongoDB's protocol on one H2 store file, for machines without a mongod. Arguments:
 * PORT FILE.
 */
class DocumentServer {
    /**
     * The driver of mongoose 9 requires wire version 9 or later; the library itself would report 8.
     */
    static final MongoVersion VERSION = new MongoVersion() {
        public List<Integer> getVersionArray() { return List.of(5, 0, 0); }
        public int getWireVersion() { return 13; }
    };

    /** Static, because the databases open their indexes while their own constructors run. */
    static MVStore store;

    static class Backend extends H2Backend {
        Backend() { super(store); }

        @Override
        protected MongoDatabase openOrCreateDatabase(String name) { return new Database(name, getCursorRegistry()); }
    }

    static class Database extends H2Database {
        Database(String name, CursorRegistry cursors) { super(name, store, cursors); }

        @Override
        protected Index<Object> openOrCreateUniqueIndex(String collection, String index, List<IndexKey> keys, boolean sparse) {
            String map = getFullCollectionNamespace(collection) + "._index_" + index;
            return new KeyedIndex(store.openMap(map, new MVMap.Builder<KeyValue, Object>().keyType(StoredTypes.KEY)), index, keys, sparse);
        }

        /**
         * The library guards the creation of a collection by a first write, but not by its
         * declaration: when both coincided, one failed.
         */
        @Override
        public synchronized MongoCollection<Object> createCollectionOrThrowIfExists(String name, CollectionOptions options) {
            return super.createCollectionOrThrowIfExists(name, options);
        }

        /**
         * The library guards every operation of a collection except the two here, and a concurrent
         * query failed. It also changes documents in place while an earlier response that contains
         * them is still being written, so responses contain copies.
         */
        @Override
        protected MongoCollection<Object> openOrCreateCollection(String collection, CollectionOptions options) {
            String name = getFullCollectionNamespace(collection);
            MVMap<Object, Document> documents = store.openMap("databases." + name, new MVMap.Builder<Object, Document>().valueType(StoredTypes.DOCUMENT));
            MVMap<String, Object> facts = store.openMap("meta." + name);
            return new H2Collection(this, collection, options, documents, facts, cursorRegistry) {
                @Override
                public synchronized void addIndex(Index<Object> index) { super.addIndex(index); }

                @Override
                public synchronized int count(Document query, int skip, int limit) { return super.count(query, skip, limit); }

                @Override
                protected QueryResult matchDocumentsFromStream(
                        Stream<Document> found, Document query, Document orderBy, int skip, int limit, int batchSize, Document fields) {
                    Stream<Document> copies = found.filter(one -> documentMatchesQuery(one, query)).map(Document::cloneDeeply);
                    return super.matchDocumentsFromStream(copies, query, orderBy, skip, limit, batchSize, fields);
                }
            };
        }
    }

    public static void main(String[] args) throws InterruptedException {
        store = new MVStore.Builder().fileName(args[1]).cacheSize(256).autoCompactFillRate(50).open();
        store.setAutoCommitDelay(5); // milliseconds of acknowledged writes that a kill may cost
        MongoServer server = new MongoServer(new Backend().version(VERSION));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> { server.shutdownNow(); store.close(); }));
        server.bind("127.0.0.1", Integer.parseInt(args[0]));
        System.out.println("ready");
        Thread.currentThread().join();
    }
}
