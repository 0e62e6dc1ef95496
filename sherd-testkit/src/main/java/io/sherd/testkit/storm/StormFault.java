package io.sherd.testkit.storm;

/** Faults that a storm must show. */
enum StormFault {
    /** A circle of holders is not told. */
    UNTOLD("a circle of holders that nobody is told of"),
    /** A key is not given back. */
    KEPT("a key that is not given back"),
    /** Two have one key. */
    SHARED("a key that two have at once"),
    /** A deadlock is reported where there is none. */
    FALSE_ALARM("a deadlock that is none");

    private final String description;

    StormFault(String description) {
        this.description = description;
    }

    String description() {
        return description;
    }

    Ground ground(int keys) {
        return this == UNTOLD ? new PlainLocks(keys) : new FaultyGround(new LocksGround(), this);
    }

    /** Whether a storm has shown this fault, as what it is. */
    boolean isShownBy(Storm storm) {
        return switch (this) {
            case UNTOLD -> storm.hung();
            case KEPT -> storm.hung() || storm.kept() > 0;
            case SHARED, FALSE_ALARM -> storm.wrong() > 0;
        };
    }
}
