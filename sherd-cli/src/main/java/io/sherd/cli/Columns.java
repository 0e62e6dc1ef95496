package io.sherd.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The columns while an import goes on: which there are, and what their types have come to.
 *
 * <p>The type of a column is either settled (it was given, or is that of the map that is added to), and a cell that does
 * not fit is a reason to reject its row; or it is as narrow as the cells so far allow, and widens. What a row brings is
 * kept apart until the row is accepted.
 */
final class Columns {
    private static final int NONE = -1;

    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> indexes = new HashMap<>();
    private final Map<String, ColumnType> given;
    private final Scalar<?> keyType;
    private ColumnType[] types = new ColumnType[16];
    private boolean[] settled = new boolean[16];
    private ColumnType[] seen = new ColumnType[16];
    private int accepted;
    private int key = NONE;
    private boolean changed;

    /**
     * Creates an empty set of columns.
     *
     * @param given types that are settled by the user
     * @param keyType how keys are stored
     */
    Columns(Map<String, ColumnType> given, Scalar<?> keyType) {
        this.given = Map.copyOf(given);
        this.keyType = keyType;
    }

    /** Starts with the columns of a map that there is already. Types that were given replace narrower ones. */
    static Columns of(Schema schema, Map<String, ColumnType> given) {
        var columns = new Columns(given, schema.keyType());
        for (Schema.Column column : schema.columns()) {
            int index = columns.add(column.name());
            ColumnType wanted = given.get(column.name());
            columns.types[index] = wanted == null ? column.type() : wanted;
            columns.settled[index] = wanted != null || column.type() != ColumnType.NULL;
        }
        columns.key = schema.key();
        columns.accept();
        columns.changed = !given.isEmpty();
        return columns;
    }

    int count() {
        return names.size();
    }

    /** The names of the columns, for messages. */
    String names() {
        return Schema.names(names);
    }

    String name(int column) {
        return names.get(column);
    }

    /** The index of a column, or -1. */
    int indexOf(String name) {
        Integer index = indexes.get(name);
        return index == null ? NONE : index;
    }

    /** Appends a column. It goes away again with {@link #rollback} unless {@link #accept} comes first. */
    int add(String name) {
        int index = names.size();
        if (index == types.length) {
            types = Arrays.copyOf(types, index * 2);
            settled = Arrays.copyOf(settled, index * 2);
            seen = Arrays.copyOf(seen, index * 2);
        }
        names.add(name);
        indexes.put(name, index);
        ColumnType type = given.get(name);
        types[index] = type == null ? ColumnType.NULL : type;
        settled[index] = type != null;
        seen[index] = ColumnType.NULL;
        changed = true;
        return index;
    }

    /** Says which column is the key. Its type is settled if the way that keys are stored decides it. */
    void setKey(int column, @Nullable ColumnType type) {
        key = column;
        if (type != null) {
            types[column] = type;
            settled[column] = true;
        }
        changed = true;
    }

    /** The index of the key's column, or -1 as long as no row had it. */
    int key() {
        return key;
    }

    /** Why a text cannot be a key of the map, or null. */
    @Nullable
    String keyProblem(String text) {
        return keyProblem(keyType, text);
    }

    private static <K> @Nullable String keyProblem(Scalar<K> type, String text) {
        K value;
        try {
            value = type.parse().apply(text);
        } catch (IllegalArgumentException notOne) {
            return "the keys of the map are " + type.label() + ", and this is not: " + Text.excerpt(text);
        }
        int bytes = type.codec().size(value);
        return bytes > Scalar.LONGEST_KEY
                ? "the key has " + bytes + " bytes, and " + Scalar.LONGEST_KEY + " are allowed"
                : null;
    }

    ColumnType type(int column) {
        return types[column];
    }

    boolean isSettled(int column) {
        return settled[column];
    }

    /** Whether a cell of this type can stand in the column, now or after widening; notes it as part of the row. */
    boolean note(int column, ColumnType cell) {
        if (settled[column] && !types[column].admits(cell)) {
            return false;
        }
        seen[column] = cell;
        return true;
    }

    /** As {@link #note}, for a CSV field: any text is text. */
    boolean noteText(int column, ColumnType cell) {
        return types[column] == ColumnType.UTF8 || note(column, cell);
    }

    /** The row is accepted: widens the columns for its fields. */
    void acceptText() {
        for (int i = 0; i < names.size(); i++) {
            widen(i, types[i].widenedByText(seen[i]));
        }
        accept();
    }

    /** The row is accepted: widens the columns for its values. The key's values have been seen to be of one kind. */
    void acceptJson() {
        for (int i = 0; i < names.size(); i++) {
            widen(i, i == key ? types[i].widenedByText(seen[i]) : types[i].widenedByJson(seen[i]));
        }
        accept();
    }

    private void widen(int column, ColumnType type) {
        seen[column] = ColumnType.NULL;
        if (type != types[column] && !settled[column]) {
            types[column] = type;
            changed = true;
        }
    }

    /** Keeps the columns that have been added. */
    void accept() {
        accepted = names.size();
    }

    /** The row is rejected: forgets what it brought. */
    void rollback() {
        Arrays.fill(seen, 0, names.size(), ColumnType.NULL);
        while (names.size() > accepted) {
            indexes.remove(names.removeLast());
        }
        if (key >= accepted) {
            key = NONE;
        }
    }

    /** The columns as they are now if they are not those of the last call, else null. */
    @Nullable
    Schema takeChanged() {
        if (!changed) {
            return null;
        }
        changed = false;
        return schema();
    }

    Schema schema() {
        List<Schema.Column> columns = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            columns.add(new Schema.Column(names.get(i), types[i]));
        }
        return new Schema(columns, key, keyType);
    }
}
