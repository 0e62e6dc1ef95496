/**
 * The command line of Sherd. {@link io.sherd.cli.Main} is what the launcher starts.
 */
module io.sherd.cli {
    requires de.siegmar.fastcsv;
    requires info.picocli;
    requires io.sherd;
    requires io.sherd.disk;
    requires static transitive org.jspecify;
    requires me.tongfei.progressbar;
    requires tools.jackson.core;

    exports io.sherd.cli;

    opens io.sherd.cli to
            info.picocli;
}
