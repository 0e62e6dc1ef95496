package io.sherd.cli;

import java.util.List;

/**
 * What the rows of a map look like.
 *
 * @param columns the columns in the order of the file they came from; no two have the same name
 * @param key the index of the column that is the key
 * @param keyType how keys are stored
 */
record Schema(List<Column> columns, int key, Scalar<?> keyType) {

    /** One column. */
    record Column(String name, ColumnType type) {}

    Schema {
        columns = List.copyOf(columns);
        if (key < 0 || key >= columns.size()) {
            throw new IllegalArgumentException("key " + key + " of " + columns.size() + " columns");
        }
    }

    Column keyColumn() {
        return columns.get(key);
    }

    /** The index of a column, or -1. */
    int indexOf(String name) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** The names of the columns, for messages. */
    String names() {
        return names(columns.stream().map(Column::name).toList());
    }

    static String names(List<String> names) {
        return String.join(
                ", ", names.stream().map(name -> name.isEmpty() ? "\"\"" : name).toList());
    }
}
