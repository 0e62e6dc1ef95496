package io.sherd.testkit.soak;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Flips a bit of every five hundredth value that is read. */
final class FlippingStore extends ForwardingStore {
    private final AtomicLong reads = new AtomicLong();

    FlippingStore(StoreUnderTest store) {
        super(store);
    }

    @Override
    public byte @Nullable [] get(int key) {
        byte[] value = store.get(key);
        if (value != null && reads.incrementAndGet() % 500 == 0) {
            value[value.length - 1] ^= 1;
        }
        return value;
    }
}
