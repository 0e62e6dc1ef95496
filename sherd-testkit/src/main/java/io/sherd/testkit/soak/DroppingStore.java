package io.sherd.testkit.soak;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Forgets every hundredth put. */
final class DroppingStore extends ForwardingStore {
    private final AtomicLong puts = new AtomicLong();

    DroppingStore(StoreUnderTest store) {
        super(store);
    }

    @Override
    public byte @Nullable [] put(int key, byte[] value) {
        return puts.incrementAndGet() % 100 == 0 ? store.get(key) : store.put(key, value);
    }
}
