package io.sherd;

/** A segment whose keys are all {@link Integer}, kept as unsigned numbers. */
final class IntegerSegment extends WordSegment {
    IntegerSegment(Epochs epochs, int depth, int prefix, int slots) {
        super(epochs, depth, prefix, slots);
    }

    @Override
    boolean accepts(Object key) {
        return key instanceof Integer;
    }

    @Override
    Segment like(int depth, int prefix, int slots) {
        return new IntegerSegment(epochs, depth, prefix, slots);
    }

    @Override
    long wordOf(Object key) {
        return (Integer) key & 0xffff_ffffL;
    }

    @Override
    Object box(long word) {
        return (int) word;
    }

    @Override
    NumberEntry entry(long word, Object value) {
        return new IntegerEntry((int) word, value);
    }

    private static final class IntegerEntry extends NumberEntry {
        private final int key;

        IntegerEntry(int key, Object value) {
            super(value);
            this.key = key;
        }

        @Override
        public Object getKey() {
            return key;
        }
    }
}
