package io.sherd.testkit.soak;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Writes at every hundredth put the value of the put before it. */
final class SwappingStore extends ForwardingStore {
    private final AtomicLong puts = new AtomicLong();
    private final AtomicReference<byte[]> last = new AtomicReference<>(new byte[Long.BYTES]);

    SwappingStore(StoreUnderTest store) {
        super(store);
    }

    @Override
    public byte @Nullable [] put(int key, byte[] value) {
        byte[] before = last.getAndSet(value);
        return store.put(key, puts.incrementAndGet() % 100 == 0 ? before : value);
    }
}
