package io.sherd.disk;

import io.sherd.spi.WordCodec;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The reading half of the map, and the way between objects and bytes.
 *
 * <p>A read takes no lock: hash, shard, table, word, record. The word is read with acquire and was written with release after
 * the record was whole; records never change. The read takes effect when it reads the word (or as {@link Unplaced} says, where that is not in the table), or where it finds none, at an
 * instant between its first and its last step at which the key was absent: a live word never moves, so a probe that passes the
 * slot of a key before it was put there was under way while the key was absent, or looks among those without a slot next.
 *
 * <p>Short strings have a way of their own, {@link #getText}: it looks at two words only. If the record of one has the key, the read takes effect when it reads that word, as above;
 * if not, and the filter has not ruled the key out before, nothing is concluded, and the other way is taken.
 */
final class Entries<K, V> {
    /** How many records a pass brings into the cache before it hands out the first. */
    static final int AHEAD = 64;

    private static final int GET_BATCH = 16;

    private static final int LINE = 64;

    /** How much of a record is brought into the cache; the processor foresees what is behind. */
    private static final int TOUCHED = 8 * LINE;

    /** Where all of these bits of an address are 0, the guess of a value's length is made anew. */
    private static final long GUESS_AGAIN = 15 << 3;

    private final MapFiles files;
    private final Log log;
    private final Index index;
    private final RecordReader reader;
    private final long salt;
    private final long saltStart;
    private final long saltEnd;
    private final Form<K> keys;
    private final Form<V> values;
    private final @Nullable WordCodec<K> wordKeys;
    private final @Nullable WordCodec<V> wordValues;
    private final boolean verifyReads;

    /** Whether keys are strings, of which short ones can be looked up as {@link ShortText}. */
    private final boolean textKeys;

    /** The length that some value had, 0 at first; written seldom, without any order. */
    private int usualLength;

    /** What {@link #touch} compares the sum of all it read with: what nobody uses, the compiler would not read. Practically never written, so in every cache. */
    private long unlikely = 0x5bd1e9955bd1e995L;

    Entries(MapFiles files, Form<K> keys, Form<V> values, boolean verifyReads) {
        this.files = files;
        this.log = files.log;
        this.index = files.index;
        this.reader = files.reader;
        this.salt = log.salt;
        this.saltStart = Bits.start(salt);
        this.saltEnd = Bits.end(salt);
        this.keys = keys;
        this.values = values;
        this.wordKeys = keys.words;
        this.wordValues = values.words;
        this.verifyReads = verifyReads;
        this.textKeys = keys.isUtf8() && AsciiChars.AVAILABLE && !verifyReads;
    }

    // ---- encoding

    @SuppressWarnings("unchecked") // an object of another class fails in the codec, with ClassCastException
    K asKey(@Nullable Object key) {
        return (K) Objects.requireNonNull(key, "key");
    }

    @SuppressWarnings("unchecked") // as above
    V asValue(@Nullable Object value) {
        return (V) Objects.requireNonNull(value, "value");
    }

    long keyWord(K key) {
        return wordKeys == null ? 0 : wordKeys.toWord(key);
    }

    byte @Nullable [] keyBytes(K key) {
        return wordKeys == null ? keys.encode(key) : null;
    }

    long hash(long keyWord, byte @Nullable [] key) {
        return key == null ? Bits.hash(keyWord, salt) : Bits.hash(key, key.length, salt);
    }

    long valueWord(@Nullable V value) {
        return wordValues == null || value == null ? 0 : wordValues.toWord(value);
    }

    byte @Nullable [] valueBytes(@Nullable V value) {
        if (wordValues != null || value == null) {
            return null;
        }
        byte[] encoded = values.encode(value);
        int length = encoded.length;
        if (usualLength == 0 && length != 0 && length <= Records.MAX_CONTENT) {
            usualLength = length;
        }
        return encoded;
    }

    /** What is equal exactly for keys that are the same to the map. */
    Object identity(K key) {
        byte[] bytes = keyBytes(asKey(key));
        return bytes == null ? keyWord(key) : ByteBuffer.wrap(bytes);
    }

    Object heldKey(RecordHold hold) {
        byte[] bytes = hold.key;
        if (wordKeys != null || bytes == null) {
            return wordKeys == null ? "?" : wordKeys.fromWord(hold.keyWord);
        }
        K key = keys.decode(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), 0, bytes.length);
        return key instanceof byte[] array ? Arrays.toString(array) : key;
    }

    // ---- reading

    @Nullable
    V get(@Nullable Object key) {
        if (textKeys && key instanceof String text && ShortText.fits(text)) {
            return getText(text);
        }
        return getEncoded(key);
    }

    boolean containsKey(@Nullable Object key) {
        K typed = asKey(key);
        long keyWord = keyWord(typed);
        byte[] keyBytes = keyBytes(typed);
        files.checkOpen();
        return addressOf(hash(keyWord, keyBytes), keyWord, keyBytes) != Index.ABSENT;
    }

    /** As {@link #get}, in most cases without an array of bytes for the key, and with few instructions: see {@link ShortText}. */
    private @Nullable V getText(String text) {
        ShortText words = new ShortText(text);
        if (!words.isAscii()) {
            return getEncoded(text);
        }
        files.checkOpen();
        long hash = words.hash(saltStart, saltEnd);
        Shard shard = index.shard(hash);
        int tag = index.tag(hash);
        long address;
        MappedByteBuffer bytes = null;
        int offset = 0;
        try {
            if (index.isRuledOut(shard, tag)) {
                return null;
            }
            address = index.candidate(shard, tag);
            if (address != Index.ABSENT) {
                bytes = log.bytes(address);
                offset = log.offset(address);
                if (!RecordReader.hasKey(bytes, offset, words)) {
                    bytes = null;
                }
            }
            if (bytes == null) {
                address = index.find(hash, text);
            }
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw files.unreadable(e);
        }
        V value = null;
        if (bytes != null) {
            shard.found(tag);
            value = valueAt(address, bytes, offset, offset + Records.HEADER + Integer.BYTES + words.length());
        } else if (address != Index.ABSENT) {
            value = valueAt(address);
        } else {
            return null;
        }
        return value != null ? value : getEncoded(text);
    }

    private @Nullable V getEncoded(@Nullable Object key) {
        K typed = asKey(key);
        long keyWord = keyWord(typed);
        byte[] keyBytes = keyBytes(typed);
        return read(hash(keyWord, keyBytes), keyWord, keyBytes);
    }

    private @Nullable V read(long hash, long keyWord, byte @Nullable [] key) {
        files.checkOpen();
        long seen = Index.ABSENT;
        while (true) {
            long address;
            try {
                address = index.find(hash, keyWord, key);
                if (address == Index.ABSENT) {
                    return null;
                }
                if (wordValues != null && key == null && !verifyReads) {
                    return wordValues.fromWord(
                            log.bytes(address).getLong(log.offset(address) + Records.HEADER + Long.BYTES));
                }
            } catch (InternalError | IndexOutOfBoundsException e) {
                throw files.unreadable(e);
            }
            V value = valueAt(address, key);
            if (value != null) {
                return value;
            }
            seen = checkReplaced(address, seen);
        }
    }

    /**
     * Decodes the value of a key's record; null as for the other. Where the value is, is known from the key, and how long it is
     * is guessed: so the processor asks for all lines of the record at once, not for the later ones when the first has come.
     */
    private @Nullable V valueAt(long address, byte @Nullable [] key) {
        return key == null || verifyReads
                ? valueAt(address)
                : valueAt(
                        address,
                        log.bytes(address),
                        log.offset(address),
                        reader.keyOffset(log.offset(address)) + key.length);
    }

    /** The same for the record at an offset, whose value, unless it is in a file of its own, begins at another. */
    private @Nullable V valueAt(long address, MappedByteBuffer bytes, int offset, int start) {
        try {
            long header = Records.header(bytes, offset);
            int guess = usualLength;
            int rest = start - offset - Records.HEADER;
            if (Records.isPut(header, rest + guess)) {
                return values.decode(bytes, start, guess);
            }
            if (Records.type(header) == Records.PUT) {
                int length = Records.length(header) - rest;
                if ((address & GUESS_AGAIN) == 0) {
                    usualLength = length;
                }
                return values.decode(bytes, start, length);
            }
        } catch (InternalError e) {
            throw files.unreadable(e);
        }
        return valueAt(address);
    }

    /** The file of a large value is gone: the key has another value by now, or none, or the file was lost. */
    private long checkReplaced(long address, long seen) {
        if (address == seen) {
            throw missingValue(address);
        }
        return address;
    }

    /** What to throw where the file of a large value was lost. */
    CorruptMapException missingValue(long address) {
        return new CorruptMapException(
                log.directory.resolve(log.file(address).name()),
                log.offset(address),
                "the file of the record's value is missing");
    }

    /** What a transaction read: the address of the record, which is the same only if nobody has written since, and the value. */
    record Found<V>(long address, @Nullable V value) {}

    Found<V> find(long hash, long keyWord, byte @Nullable [] key) {
        files.checkOpen();
        long seen = Index.ABSENT;
        while (true) {
            long address = addressOf(hash, keyWord, key);
            V value = address == Index.ABSENT ? null : valueAt(address);
            if (address == Index.ABSENT || value != null) {
                return new Found<>(address, value);
            }
            seen = checkReplaced(address, seen);
        }
    }

    long addressOf(long hash, long keyWord, byte @Nullable [] key) {
        try {
            return index.find(hash, keyWord, key);
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw files.unreadable(e);
        }
    }

    /** Decodes the value of a record; null if its file was deleted, so that the record is dead. */
    @Nullable
    V valueAt(long address) {
        try {
            MappedByteBuffer bytes = log.bytes(address);
            int offset = log.offset(address);
            if (verifyReads) {
                files.verifyRecord(address);
            }
            long header = Records.header(bytes, offset);
            if (Records.type(header) == Records.PUT_LARGE) {
                RecordReader.Value value = reader.value(bytes, offset);
                return value == null ? null : values.decode(value.bytes(), value.offset(), value.length());
            }
            return values.decode(bytes, reader.valueOffset(bytes, offset), reader.valueLength(bytes, offset, header));
        } catch (InternalError e) {
            throw files.unreadable(e);
        }
    }

    K keyAt(long address) {
        MappedByteBuffer bytes = log.bytes(address);
        int offset = log.offset(address);
        return keys.decode(bytes, reader.keyOffset(offset), reader.keyLength(bytes, offset));
    }

    <R> @Nullable R view(K key, Function<? super MemorySegment, ? extends @Nullable R> function) {
        Objects.requireNonNull(function, "reader");
        long keyWord = keyWord(asKey(key));
        byte[] keyBytes = keyBytes(key);
        long hash = hash(keyWord, keyBytes);
        files.checkOpen();
        RecordReader.Value value = null;
        long seen = Index.ABSENT;
        try {
            while (value == null) {
                long address = index.find(hash, keyWord, keyBytes);
                if (address == Index.ABSENT) {
                    return null;
                }
                if (verifyReads) {
                    files.verifyRecord(address);
                }
                value = reader.value(log.bytes(address), log.offset(address));
                if (value == null) {
                    seen = checkReplaced(address, seen);
                }
            }
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw files.unreadable(e);
        }
        return function.apply(MemorySegment.ofBuffer(value.bytes())
                .asSlice(value.offset(), value.length())
                .asReadOnly());
    }

    Map<K, V> getAll(Collection<? extends K> wanted) {
        Map<K, V> found = LinkedHashMap.newLinkedHashMap(wanted.size());
        List<K> batch = new ArrayList<>(GET_BATCH);
        for (K key : wanted) {
            batch.add(asKey(key));
            if (batch.size() == GET_BATCH) {
                getBatch(batch, found);
                batch.clear();
            }
        }
        getBatch(batch, found);
        return found;
    }

    /** Looks at all home slots first, then at the records they name, so that the misses of the cache overlap. */
    private void getBatch(List<K> batch, Map<K, V> found) {
        files.checkOpen();
        int count = batch.size();
        long[] hashes = new long[count];
        long[] words = new long[count];
        long[] addresses = new long[count];
        byte[] @Nullable [] bytes = new byte[count] @Nullable [];
        try {
            for (int i = 0; i < count; i++) {
                words[i] = keyWord(batch.get(i));
                bytes[i] = keyBytes(batch.get(i));
                hashes[i] = hash(words[i], bytes[i]);
            }
            for (int i = 0; i < count; i++) {
                addresses[i] = index.candidate(index.shard(hashes[i]), index.tag(hashes[i]));
            }
            touch(addresses, count);
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw files.unreadable(e);
        }
        for (int i = 0; i < count; i++) {
            V value = read(hashes[i], words[i], bytes[i]);
            if (value != null) {
                found.put(batch.get(i), value);
            }
        }
    }

    /**
     * Brings records into the cache: first the lines where they begin, which say how long they are, and then the others, each time of all records, so that the
     * misses overlap.
     */
    void touch(long[] addresses, int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            long address = addresses[i];
            if (address != Index.ABSENT) {
                sum += Records.header(log.bytes(address), log.offset(address));
            }
        }
        for (int i = 0; i < count; i++) {
            long address = addresses[i];
            if (address != Index.ABSENT) {
                sum += restOf(log.bytes(address), log.offset(address));
            }
        }
        if (sum == unlikely) {
            unlikely = ~sum;
        }
    }

    private static long restOf(MappedByteBuffer bytes, int offset) {
        int size = Math.min(Records.size(Records.length(Records.header(bytes, offset))), TOUCHED);
        int last = Math.min(offset + size, bytes.limit()) - 1;
        long sum = 0;
        for (int at = offset + LINE; at < last; at += LINE) {
            sum += bytes.get(at);
        }
        return sum + bytes.get(last);
    }

    /** The value that a write found. */
    @Nullable
    V previous(Outcome outcome) {
        if (!outcome.wasPresent()) {
            return null;
        }
        MappedByteBuffer large = outcome.large();
        if (large == null) {
            return valueAt(outcome.previous());
        }
        MappedByteBuffer bytes = log.bytes(outcome.previous());
        int reference = reader.valueOffset(bytes, log.offset(outcome.previous()));
        return values.decode(large, DataFile.HEADER, (int) bytes.getLong(reference + Long.BYTES));
    }

    /** The entry of a record; null if it was removed, which its missing large value shows. */
    Map.@Nullable Entry<K, V> entryAt(long address, DiskMap<K, V> map) {
        try {
            K key = keyAt(address);
            V value = valueAt(address);
            if (value == null) {
                value = get(key);
            }
            return value == null ? null : new LogEntry<>(map, key, value);
        } catch (InternalError e) {
            throw files.unreadable(e);
        }
    }
}
