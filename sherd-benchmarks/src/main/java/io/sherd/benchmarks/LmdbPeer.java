package io.sherd.benchmarks;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.ByteBufferProxy;
import org.lmdbjava.CursorIterable;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.Txn;

/**
 * LMDB through lmdbjava, set up as the documentation of both advises for speed.
 *
 * <ul>
 *   <li>Without durability: {@code WRITEMAP}, {@code NOSYNC} and {@code NOMETASYNC}, so that a commit waits for no disk, and
 *       {@code NORDAHEAD} and {@code NOMEMINIT}, which help random access and bulk loads. With durability: its defaults,
 *       a commit for each put.
 *   <li>Keys that are longs use {@code INTEGERKEY}. Its buffers are the direct ones of {@code PROXY_OPTIMAL}, a key's and a
 *       value's for each thread, filled again each time. lmdbjava's own checks are off ({@code lmdbjava.disable.checks}, in the
 *       flags of every fork).
 *   <li>A transaction a put costs it several times as much as the put. {@code LMDB} puts a thousand operations into one, which
 *       favours it: a map's put is seen by others when it returns, these are only when the batch is committed.
 *       {@code LMDB-single} is the like-for-like: a transaction for each operation. Where reads and writes are mixed and in the
 *       durable suite both do that.
 *   <li>A read transaction is reset and renewed rather than made anew, and as often as the batch says.
 * </ul>
 */
final class LmdbPeer implements DiskPeer {
    private final boolean batched;

    LmdbPeer(boolean batched) {
        this.batched = batched;
    }

    @Override
    public String name() {
        return batched ? "LMDB" : "LMDB-single";
    }

    @Override
    public <K, V> DiskStore<K, V> open(DiskData<K, V> data, Path folder, long entries, boolean durable) {
        // a map must be given its limit; the file is sparse up to it
        long size = (1L << 30) + entries * (256 + 4L * data.entryBytes());
        EnvFlags[] flags = durable
                ? new EnvFlags[] {}
                : new EnvFlags[] {
                    EnvFlags.MDB_WRITEMAP,
                    EnvFlags.MDB_NOSYNC,
                    EnvFlags.MDB_NOMETASYNC,
                    EnvFlags.MDB_NORDAHEAD,
                    EnvFlags.MDB_NOMEMINIT
                };
        Env<ByteBuffer> env = Env.create(ByteBufferProxy.PROXY_OPTIMAL)
                .setMapSize(size)
                .setMaxDbs(1)
                .setMaxReaders(1024)
                .open(folder.toFile(), flags);
        DbiFlags[] kinds = data.kind() == KeyKind.LONG
                ? new DbiFlags[] {DbiFlags.MDB_CREATE, DbiFlags.MDB_INTEGERKEY}
                : new DbiFlags[] {DbiFlags.MDB_CREATE};
        return new Store<>(data, env, env.openDbi("bench", kinds), batched);
    }

    private record Store<K, V>(DiskData<K, V> data, Env<ByteBuffer> env, Dbi<ByteBuffer> dbi, boolean batched)
            implements DiskStore<K, V> {
        @Override
        public Session<K, V> session(int batch) {
            return new TxnSession<>(data, env, dbi, batched ? batch : 1);
        }

        @Override
        public long iterate() {
            long sum = 0;
            V reuse = null;
            try (Txn<ByteBuffer> txn = env.txnRead();
                    CursorIterable<ByteBuffer> entries = dbi.iterate(txn)) {
                for (CursorIterable.KeyVal<ByteBuffer> entry : entries) {
                    reuse = data.readValue(entry.val(), reuse);
                    sum += data.sum(data.read(entry.key()), reuse);
                }
            }
            return sum;
        }

        @Override
        public void close() {
            env.close();
        }
    }

    private static final class TxnSession<K, V> implements DiskStore.Session<K, V> {
        private final DiskData<K, V> data;
        private final Env<ByteBuffer> env;
        private final Dbi<ByteBuffer> dbi;
        private final int batch;
        private final ByteBuffer key = ByteBuffer.allocateDirect(64);
        private final ByteBuffer value = ByteBuffer.allocateDirect(256);
        private @Nullable Txn<ByteBuffer> reading;
        private @Nullable Txn<ByteBuffer> writing;
        private @Nullable V reuse;
        private int read;
        private int written;

        TxnSession(DiskData<K, V> data, Env<ByteBuffer> env, Dbi<ByteBuffer> dbi, int batch) {
            this.data = data;
            this.env = env;
            this.dbi = dbi;
            this.batch = batch;
        }

        @Override
        public @Nullable V get(K k) {
            Txn<ByteBuffer> txn = reading;
            if (txn == null) {
                txn = env.txnRead();
                reading = txn;
            } else if (read == 0) {
                txn.renew();
            }
            data.write(k, key);
            ByteBuffer found = dbi.get(txn, key);
            V result = found == null ? null : data.readValue(found, reuse);
            if (++read >= batch) {
                // an open reader keeps pages from being used again, so it is not left open
                read = 0;
                txn.reset();
            }
            if (result != null) {
                reuse = result;
            }
            return result;
        }

        @Override
        public void put(K k, V v) {
            Txn<ByteBuffer> txn = begin();
            data.write(k, key);
            data.writeValue(v, value);
            dbi.put(txn, key, value);
            end();
        }

        @Override
        public void remove(K k) {
            Txn<ByteBuffer> txn = begin();
            data.write(k, key);
            dbi.delete(txn, key);
            end();
        }

        private Txn<ByteBuffer> begin() {
            Txn<ByteBuffer> txn = writing;
            if (txn == null) {
                txn = env.txnWrite();
                writing = txn;
            }
            return txn;
        }

        private void end() {
            if (++written >= batch) {
                commit();
            }
        }

        private void commit() {
            Txn<ByteBuffer> txn = writing;
            written = 0;
            writing = null;
            if (txn != null) {
                txn.commit();
                txn.close();
            }
        }

        @Override
        public void close() {
            commit();
            if (reading != null) {
                reading.close();
                reading = null;
            }
        }
    }
}
