package io.sherd.disk;

import io.sherd.Changes;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What happened between two cuts. Shards whose table both have are passed over. In the others words are compared, each with the
 * word in the same slot first, since a copy leaves them where they are; records are read only where words differ.
 */
final class Difference<K, V> {
    private final DiskSnapshot<K, V> snapshot;
    private final Index index;
    private final Log log;
    private final Cut then;
    private final Cut now;
    private final Map<K, V> added = new HashMap<>();
    private final Map<K, Changes.Replaced<V>> changed = new HashMap<>();
    private final Map<K, V> removed = new HashMap<>();

    Difference(DiskSnapshot<K, V> snapshot, Cut then, Cut now) {
        this.snapshot = snapshot;
        this.index = snapshot.files.index;
        this.log = snapshot.files.log;
        this.then = then;
        this.now = now;
    }

    Changes<K, V> find() {
        for (int shard = 0; shard < now.tables.length; shard++) {
            Table before = then.tables[shard];
            Table after = now.tables[shard];
            if (before != after) {
                find(before, after);
            }
        }
        return new Changes<>(added, changed, removed);
    }

    private void find(Table before, Table after) {
        for (int slot = 0; slot < after.capacity(); slot++) {
            long word = after.getPlain(slot);
            if (!Table.isLive(word) || isAt(before, slot, word)) {
                continue;
            }
            long address = Table.address(word);
            int old = index.locate(before, Table.tag(word), address);
            if (old < 0) {
                added.put(snapshot.keyAt(address), snapshot.valueAt(address));
            } else if (before.getPlain(old) != word) {
                compare(Table.address(before.getPlain(old)), address);
            }
        }
        for (int slot = 0; slot < before.capacity(); slot++) {
            long word = before.getPlain(slot);
            if (Table.isLive(word) && !isAt(after, slot, word)) {
                long address = Table.address(word);
                if (index.locate(after, Table.tag(word), address) < 0) {
                    removed.put(snapshot.keyAt(address), snapshot.valueAt(address));
                }
            }
        }
    }

    private static boolean isAt(Table table, int slot, long word) {
        return slot < table.capacity() && table.getPlain(slot) == word;
    }

    private void compare(long before, long after) {
        RecordReader reader = snapshot.files.reader;
        RecordReader.Value old = reader.value(log.bytes(before), log.offset(before));
        RecordReader.Value young = reader.value(log.bytes(after), log.offset(after));
        if (old != null
                && young != null
                && old.length() == young.length()
                && Bits.equal(old.bytes(), old.offset(), young.bytes(), young.offset(), old.length())) {
            return;
        }
        V from = snapshot.valueAt(before);
        V to = snapshot.valueAt(after);
        if (!Objects.deepEquals(from, to)) {
            changed.put(snapshot.keyAt(after), new Changes.Replaced<>(from, to));
        }
    }
}
