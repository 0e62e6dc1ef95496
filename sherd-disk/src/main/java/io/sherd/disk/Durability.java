package io.sherd.disk;

/** When a write that returned is safe from what. */
public enum Durability {
    /**
     * A write that returned survives the end of the process, however it ends, but not a loss of power: the operating system
     * writes to the medium when it likes, or when {@link DiskMap#force} is called.
     */
    NONE,

    /**
     * A write that returned survives a loss of power: it returns after the data reached the medium. Writers that come
     * together share one flush.
     */
    SYNC
}
