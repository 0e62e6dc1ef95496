/**
 * The map in memory-mapped files: {@link io.sherd.disk.DiskMap}.
 */
module io.sherd.disk {
    requires transitive io.sherd;
    requires static transitive org.jspecify;

    exports io.sherd.disk;
}
