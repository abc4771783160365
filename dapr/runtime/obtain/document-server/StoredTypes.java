import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.bson.BsonDecoder;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;
import org.h2.mvstore.type.StringDataType;

/**
 * Stores documents and index keys as BSON. By default the store serialises Java objects, and even
 * compares two keys by serialising both, which took longer than the rest of a request.
 */
final class StoredTypes {
    static final BasicDataType<Document> DOCUMENT = new DocumentType();
    static final BasicDataType<KeyValue> KEY = new KeyType();

    /** A commit writes many documents one after the other. */
    private static final ThreadLocal<ByteBuf> SCRATCH = ThreadLocal.withInitial(() -> Unpooled.buffer(16_384));

    private StoredTypes() { }

    private static void writeBson(WriteBuffer out, Document document) {
        ByteBuf bytes = SCRATCH.get().clear();
        BsonEncoder.encodeDocument(document, bytes);
        out.putVarInt(bytes.readableBytes()).put(bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), bytes.readableBytes());
    }

    private static Document readBson(ByteBuffer in) {
        byte[] bytes = new byte[DataUtils.readVarInt(in)];
        in.get(bytes);
        return BsonDecoder.decodeBson(Unpooled.wrappedBuffer(bytes));
    }

    private static final class DocumentType extends BasicDataType<Document> {
        /**
         * Above the true size, so that a page contains few documents: a commit rewrites whole
         * pages.
         */
        @Override public int getMemory(Document document) { return 4096; }
        @Override public void write(WriteBuffer out, Document document) { writeBson(out, document); }
        @Override public Document read(ByteBuffer in) { return readBson(in); }
        @Override public Document[] createStorage(int size) { return new Document[size]; }
    }

    /** Almost every key is a single string, an id, and is written as one. */
    private static final class KeyType extends BasicDataType<KeyValue> {
        private static final byte ONE_TEXT = 1;
        private static final byte BSON = 0;

        @Override public int getMemory(KeyValue key) { return 320; }

        @Override
        public int compare(KeyValue left, KeyValue right) {
            for (int index = 0; index < Math.min(left.size(), right.size()); index++) {
                Object one = left.get(index);
                Object other = right.get(index);
                int order = one instanceof String a && other instanceof String b ? a.compareTo(b) : ValueComparator.asc().compare(one, other);
                if (order != 0) return order;
            }
            return Integer.compare(left.size(), right.size());
        }

        @Override
        public void write(WriteBuffer out, KeyValue key) {
            if (key.size() == 1 && key.get(0) instanceof String text) {
                StringDataType.INSTANCE.write(out.put(ONE_TEXT), text);
                return;
            }
            writeBson(out.put(BSON), new Document("values", key.stream().map(value -> value instanceof Missing ? null : value).toList()));
        }

        @Override
        public KeyValue read(ByteBuffer in) {
            if (in.get() == ONE_TEXT) return new KeyValue(StringDataType.INSTANCE.read(in));
            return new KeyValue((List<?>) readBson(in).get("values"));
        }

        @Override public KeyValue[] createStorage(int size) { return new KeyValue[size]; }
    }
}
