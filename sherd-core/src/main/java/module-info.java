/**
 * Sharded concurrent maps: the interface, the heap map, and codecs between objects and memory segments.
 */
@SuppressWarnings("module") // io.sherd.disk is compiled after this module
module io.sherd {
    requires jdk.jfr;
    requires static transitive org.jspecify;

    exports io.sherd;
    exports io.sherd.codec;
    exports io.sherd.spi to
            io.sherd.disk;
}
