/** A module for Jackson 2 that writes sharded maps as JSON and reads them back. */
module io.sherd.jackson {
    requires transitive com.fasterxml.jackson.databind;
    requires transitive io.sherd;
    requires static transitive org.jspecify;

    exports io.sherd.jackson;

    provides com.fasterxml.jackson.databind.Module with
            io.sherd.jackson.SherdModule;
}
