package io.sherd.testkit.soak;

/** Leaves the first entry out of a traversal. */
final class SkippingStore extends ForwardingStore {
    SkippingStore(StoreUnderTest store) {
        super(store);
    }

    @Override
    public void forEach(Visitor visitor) {
        boolean[] skipped = {false};
        store.forEach((key, value) -> {
            if (skipped[0]) {
                visitor.visit(key, value);
            }
            skipped[0] = true;
        });
    }
}
