package io.sherd.disk;

/** How a write depends on what is there. */
enum When {
    ALWAYS,
    ABSENT,
    PRESENT,

    /** The key has the expected value. */
    EQUAL
}
