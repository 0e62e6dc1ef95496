package io.sherd;

/** A segment whose keys are all {@link Long}. */
final class LongSegment extends WordSegment {
    LongSegment(Epochs epochs, int depth, int prefix, int slots) {
        super(epochs, depth, prefix, slots);
    }

    @Override
    boolean accepts(Object key) {
        return key instanceof Long;
    }

    @Override
    Segment like(int depth, int prefix, int slots) {
        return new LongSegment(epochs, depth, prefix, slots);
    }

    @Override
    long wordOf(Object key) {
        return (Long) key;
    }

    @Override
    Object box(long word) {
        return word;
    }

    @Override
    NumberEntry entry(long word, Object value) {
        return new LongEntry(word, value);
    }

    private static final class LongEntry extends NumberEntry {
        private final long key;

        LongEntry(long key, Object value) {
            super(value);
            this.key = key;
        }

        @Override
        public Object getKey() {
            return key;
        }
    }
}
