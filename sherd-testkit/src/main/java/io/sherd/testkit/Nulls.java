package io.sherd.testkit;

/** A null where the types allow none: the suites hand some in to see them refused. */
final class Nulls {
    private Nulls() {}

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // the purpose of this class
    static <T> T none() {
        return null;
    }
}
