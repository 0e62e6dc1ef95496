package io.sherd.benchmarks;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a look-up by open addressing with tags costs by itself: one table for the whole map, without segments, locks, stamps or snapshots, so no concurrent map.
 * How far the look-ups of Sherd are behind is about what its promises cost. Of writes it says nothing: its own are plain.
 *
 * <p>Tags, hash, the 16 bits of the hash beside the tags and the order of a look-up are as in Sherd's tables of objects. A table is doubled when it is 0.62 full: 1,000 and
 * 1,000,000 entries, put once, fill it to 0.49 and 0.48, where Sherd's tables of objects are between 0.4 and 0.75 full.
 */
final class FlatTablePeer implements HeapPeer {
    @Override
    public String name() {
        return "FlatTable";
    }

    @Override
    public <K, V> Map<K, V> create() {
        return new Table<>();
    }

    /** The table. One thread writes, and nobody reads meanwhile. */
    private static final class Table<K, V> extends AbstractMap<K, V> {
        private static final VarHandle WORDS =
                MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
        private static final long EACH = 0x0101010101010101L;
        private static final long HIGH = 0x8080808080808080L;
        private static final byte EMPTY = 0;
        private static final byte DELETED = 1;

        private static final int LONGEST_TAIL = 192;

        private final long writer = Thread.currentThread().threadId();

        /** The number of homes. Nothing wraps around: the table is a little longer. */
        private int slots;

        private byte[] tags;
        private char[] middle;
        private @Nullable Object[] entries;
        private int size;
        private int taken;

        Table() {
            slots = 16;
            int physical = physical(slots);
            tags = new byte[physical + Long.BYTES];
            middle = new char[physical];
            entries = new @Nullable Object[2 * physical];
        }

        private static int physical(int slots) {
            return slots + Long.BYTES + Math.min(slots / 64, LONGEST_TAIL);
        }

        private static int spread(int hashCode) {
            return (int) ((hashCode * 0x9E3779B97F4A7C15L) >>> 33);
        }

        private static int tagOf(int hash) {
            int low = hash & 0xff;
            return low > DELETED ? low : low | 0x80;
        }

        private int home(int hash) {
            return (int) ((hash * (long) slots) >>> 31);
        }

        private static long zeros(long word) {
            return (word - EACH) & ~word & HIGH;
        }

        @Override
        @SuppressWarnings({"unchecked", "ReferenceEquality"}) // only values of V are ever put; as a fast path
        public @Nullable V get(@Nullable Object key) {
            int hash = spread(Objects.requireNonNull(key).hashCode());
            int home = home(hash);
            int tag = tagOf(hash);
            long word = (long) WORDS.get(tags, home);
            if ((word & 0xff) == tag) {
                Object found = entries[2 * home];
                if (found == key || key.equals(found)) {
                    return (V) entries[2 * home + 1];
                }
            } else if (zeros(word ^ tag * EACH) == 0 && zeros(word) != 0) {
                return null;
            }
            int slot = search(home, hash, key);
            return slot < 0 ? null : (V) entries[2 * slot + 1];
        }

        private int search(int home, int hash, Object key) {
            long pattern = tagOf(hash) * EACH;
            for (int slot = home; ; slot += Long.BYTES) {
                long word = (long) WORDS.get(tags, slot);
                for (long match = zeros(word ^ pattern); match != 0; match &= match - 1) {
                    int candidate = slot + (Long.numberOfTrailingZeros(match) >>> 3);
                    if (middle[candidate] == (char) (hash >>> 7) && key.equals(entries[2 * candidate])) {
                        return candidate;
                    }
                }
                if (zeros(word) != 0) {
                    return -1;
                }
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        public @Nullable V put(K key, V value) {
            own();
            int hash = spread(key.hashCode());
            int slot = search(home(hash), hash, key);
            if (slot >= 0) {
                V old = (V) entries[2 * slot + 1];
                entries[2 * slot + 1] = value;
                return old;
            }
            if (8L * taken >= 5L * slots) {
                rehash();
            }
            insert(hash, key, value);
            size++;
            return null;
        }

        private void insert(int hash, Object key, @Nullable Object value) {
            int slot = home(hash);
            while (tags[slot] != EMPTY) {
                slot++;
            }
            if (slot >= middle.length) {
                throw new IllegalStateException("FlatTable has no place for so many keys of nearly the same hash");
            }
            tags[slot] = (byte) tagOf(hash);
            middle[slot] = (char) (hash >>> 7);
            entries[2 * slot] = key;
            entries[2 * slot + 1] = value;
            taken++;
        }

        /** Into a table twice as large, or, if what filled it was mostly removed, of the same size. */
        private void rehash() {
            @Nullable Object[] old = entries;
            slots = 4L * size >= slots ? 2 * slots : slots;
            int physical = physical(slots);
            tags = new byte[physical + Long.BYTES];
            middle = new char[physical];
            entries = new @Nullable Object[2 * physical];
            taken = 0;
            for (int at = 0; at < old.length; at += 2) {
                Object key = old[at];
                if (key != null) {
                    insert(spread(key.hashCode()), key, old[at + 1]);
                }
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        public @Nullable V remove(@Nullable Object key) {
            own();
            int hash = spread(Objects.requireNonNull(key).hashCode());
            int slot = search(home(hash), hash, key);
            if (slot < 0) {
                return null;
            }
            V old = (V) entries[2 * slot + 1];
            tags[slot] = DELETED;
            entries[2 * slot] = null;
            entries[2 * slot + 1] = null;
            size--;
            return old;
        }

        private void own() {
            if (Thread.currentThread().threadId() != writer) {
                throw new IllegalStateException(
                        "FlatTable is no concurrent map: only the thread that made it writes; measure it with workloads that read");
            }
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public Set<Map.Entry<K, V>> entrySet() {
            return new AbstractSet<>() {
                @Override
                public int size() {
                    return size;
                }

                @Override
                public Iterator<Map.Entry<K, V>> iterator() {
                    return new Walk<>(entries);
                }
            };
        }
    }

    /** A walk from front to back; what comes next is fetched before it is asked for, as the peers do. */
    private static final class Walk<K, V> implements Iterator<Map.Entry<K, V>> {
        private final @Nullable Object[] entries;
        private int at;
        private @Nullable Object key;
        private @Nullable Object value;

        Walk(@Nullable Object[] entries) {
            this.entries = entries;
            advance();
        }

        private void advance() {
            @Nullable Object[] entries = this.entries;
            int at = this.at;
            while (at < entries.length && entries[at] == null) {
                at += 2;
            }
            this.at = at + 2;
            this.key = at < entries.length ? entries[at] : null;
            this.value = at < entries.length ? entries[at + 1] : null;
        }

        @Override
        public boolean hasNext() {
            return key != null;
        }

        @Override
        @SuppressWarnings("unchecked") // only keys of K and values of V are ever put
        public Map.Entry<K, V> next() {
            Object key = this.key;
            Object value = this.value;
            if (key == null || value == null) {
                throw new NoSuchElementException("next: the walk has ended");
            }
            advance();
            return Map.entry((K) key, (V) value);
        }
    }
}
