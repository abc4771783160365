import de.bwaldvogel.mongo.backend.AbstractUniqueIndex;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;
import java.util.List;
import java.util.Map.Entry;
import org.h2.mvstore.MVMap;

/**
 * A unique index that serves every query which names its key, whatever its other conditions. The
 * index of the library serves only queries on the key alone and scans the collection for all
 * others, such as an update of one id guarded by its sequence. Found documents are then matched
 * against the whole query, so both return the same result.
 */
class KeyedIndex extends AbstractUniqueIndex<Object> {
    private final MVMap<KeyValue, Object> positions;

    KeyedIndex(MVMap<KeyValue, Object> positions, String name, List<IndexKey> keys, boolean sparse) {
        super(name, keys, sparse);
        this.positions = positions;
    }

    @Override
    public synchronized boolean canHandle(Document query) {
        if (super.canHandle(query)) return true;
        if (keys().size() != 1) return false;
        Object wanted = query.get(keys().get(0));
        return wanted != null && super.canHandle(new Document(keys().get(0), wanted));
    }

    @Override
    protected Object removeDocument(KeyValue key) { return positions.remove(key); }

    @Override
    protected boolean putKeyPosition(KeyValue key, Object position) {
        return positions.putIfAbsent(key, Missing.ofNullable(position)) == null;
    }

    @Override
    protected Iterable<Entry<KeyValue, Object>> getIterable() { return positions.entrySet(); }

    @Override
    protected Object getPosition(KeyValue key) { return positions.get(key); }

    @Override
    public long getCount() { return positions.sizeAsLong(); }

    @Override
    public boolean isEmpty() { return positions.isEmpty(); }

    @Override
    public long getDataSize() { return getCount(); }
}
