package io.sherd.disk;

import io.sherd.spi.Hold;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The hold of a key of a disk map. Guarded by the lock of the key's shard. */
final class RecordHold extends Hold {
    final long keyHash;
    final long keyWord;
    final byte @Nullable [] key;
    private final Function<RecordHold, Object> decoder;

    RecordHold(long keyHash, long keyWord, byte @Nullable [] key, long owner, Function<RecordHold, Object> decoder) {
        super(Long.hashCode(keyHash), owner);
        this.keyHash = keyHash;
        this.keyWord = keyWord;
        this.key = key;
        this.decoder = decoder;
    }

    @Override
    protected Object key() {
        return decoder.apply(this);
    }

    boolean isFor(long otherHash, long otherWord, byte @Nullable [] otherKey) {
        return keyHash == otherHash && keyWord == otherWord && Arrays.equals(key, otherKey);
    }
}
