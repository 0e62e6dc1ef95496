package io.sherd.testkit.soak;

/** The faults that the harness plants in a store, to show that it would find them. */
enum Fault {
    /** None. */
    NONE("", Catch.NOTHING) {
        @Override
        StoreUnderTest plant(StoreUnderTest store) {
            return store;
        }
    },
    /** Every hundredth put returns and did nothing. */
    DROP("a put that does nothing", Catch.LOST) {
        @Override
        StoreUnderTest plant(StoreUnderTest store) {
            return new DroppingStore(store);
        }
    },
    /** A write returns before it reaches the store. */
    LATE("a write acknowledged before the append", Catch.LOST) {
        @Override
        StoreUnderTest plant(StoreUnderTest store) {
            return new LateStore(store);
        }
    },
    /** Every hundredth put writes another key's value. */
    SWAP("a put of another key's value", Catch.WRONG) {
        @Override
        StoreUnderTest plant(StoreUnderTest store) {
            return new SwappingStore(store);
        }
    },
    /** Every five hundredth read has a flipped bit. */
    FLIP("a flipped bit", Catch.WRONG) {
        @Override
        StoreUnderTest plant(StoreUnderTest store) {
            return new FlippingStore(store);
        }
    },
    /** A traversal leaves out its first entry. */
    SKIP("an entry left out of iteration", Catch.WRONG) {
        @Override
        StoreUnderTest plant(StoreUnderTest store) {
            return new SkippingStore(store);
        }
    },
    /** Closing never ends. */
    HANG("a close that never returns", Catch.HANG) {
        @Override
        StoreUnderTest plant(StoreUnderTest store) {
            return new HangingStore(store);
        }
    };

    /** As what a fault shows. */
    enum Catch {
        NOTHING,
        LOST,
        WRONG,
        HANG
    }

    private final String description;
    private final Catch expected;

    Fault(String description, Catch expected) {
        this.description = description;
        this.expected = expected;
    }

    abstract StoreUnderTest plant(StoreUnderTest store);

    String description() {
        return description;
    }

    Catch expected() {
        return expected;
    }
}
