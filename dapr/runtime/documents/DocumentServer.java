import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.util.List;
import org.h2.mvstore.MVStore;

/** A server of MongoDB's protocol on one H2 store file, for machines where no mongod can be had. Arguments: PORT FILE. */
class DocumentServer {
    /** The driver of mongoose 9 wants wire version 9 or later; the library itself would report 8. */
    static final MongoVersion VERSION = new MongoVersion() {
        public List<Integer> getVersionArray() { return List.of(5, 0, 0); }
        public int getWireVersion() { return 13; }
    };

    public static void main(String[] args) throws InterruptedException {
        MVStore store = MVStore.open(args[1]);
        store.setAutoCommitDelay(5); // milliseconds of acknowledged writes that a kill may cost
        MongoServer server = new MongoServer(new H2Backend(store).version(VERSION));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> { server.shutdownNow(); store.close(); }));
        server.bind("127.0.0.1", Integer.parseInt(args[0]));
        System.out.println("ready");
        Thread.currentThread().join();
    }
}
