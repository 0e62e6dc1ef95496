package io.sherd.testkit.soak;

import java.util.concurrent.CountDownLatch;

/** Never comes back from close. */
final class HangingStore extends ForwardingStore {
    HangingStore(StoreUnderTest store) {
        super(store);
    }

    @Override
    public void close() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
