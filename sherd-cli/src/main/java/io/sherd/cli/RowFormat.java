package io.sherd.cli;

import java.util.Locale;

/** The formats of files with rows or entries, under the names that options use. */
enum RowFormat {
    csv,
    jsonl,
    image;

    /** What the name of a file says. */
    static RowFormat ofName(String file) {
        String name = plain(file);
        if (name.endsWith(".sherd")) {
            return image;
        }
        return name.endsWith(".jsonl") || name.endsWith(".ndjson") || name.endsWith(".json") ? jsonl : csv;
    }

    static boolean isTabSeparated(String file) {
        String name = plain(file);
        return name.endsWith(".tsv") || name.endsWith(".tab");
    }

    static boolean isCompressed(String file) {
        return file.toLowerCase(Locale.ROOT).endsWith(".gz");
    }

    private static String plain(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        return isCompressed(name) ? name.substring(0, name.length() - ".gz".length()) : name;
    }
}
