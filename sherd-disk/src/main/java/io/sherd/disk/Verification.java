package io.sherd.disk;

import java.util.Optional;

/** Reads every live record and compares it with its checksum and its place in the index. */
final class Verification {
    private final MapFiles files;
    private final Log log;
    private final RecordReader reader;
    private final Index index;
    private final byte[] key = new byte[Records.MAX_KEY];
    private long entries;
    private long bytes;

    Verification(MapFiles files) {
        this.files = files;
        this.log = files.log;
        this.reader = files.reader;
        this.index = files.index;
    }

    VerifyReport run() {
        Optional<CorruptMapException> damage = Optional.empty();
        try {
            for (Shard shard : index.shards) {
                files.checkOpen();
                verify(shard);
            }
        } catch (CorruptMapException e) {
            damage = Optional.of(e);
        } catch (InternalError | IndexOutOfBoundsException e) {
            if (!(files.unreadable(e) instanceof CorruptMapException found)) {
                throw e;
            }
            damage = Optional.of(found);
        }
        return new VerifyReport(entries, bytes, damage);
    }

    private void verify(Shard shard) {
        Table table = Index.wholeTable(shard);
        for (int slot = 0; slot < table.capacity(); slot++) {
            long word = table.getAcquire(slot);
            if (Table.isLive(word)) {
                verify(shard, table, slot, word);
            }
        }
    }

    private void verify(Shard shard, Table table, int slot, long word) {
        long address = Table.address(word);
        files.verifyRecord(address);
        DataFile file = log.file(address);
        int offset = log.offset(address);
        long header = Records.header(file.bytes, offset);
        long hash = reader.wordKeys
                ? Bits.hash(file.bytes.getLong(offset + Records.HEADER), log.salt)
                : Bits.hash(key, reader.copyKey(file.bytes, offset, key), log.salt);
        if (index.shardNumber(hash) != shard.index
                || index.tag(hash) != Table.tag(word)
                || !table.mayHave(Table.tag(word))) {
            throw new CorruptMapException(
                    log.directory.resolve(file.name()), offset, "the index refers to this record under another key");
        }
        long size = Records.size(Records.length(header));
        if (Records.type(header) == Records.PUT_LARGE) {
            DataFile large = log.largeOf(file.bytes, offset, header);
            if (large == null) {
                if (table.getAcquire(slot) != word || shard.table != table) {
                    return; // overwritten or removed since the word was read
                }
                throw new CorruptMapException(
                        log.directory.resolve(file.name()), offset, "the file of the record's value is missing");
            }
            long sum = file.bytes.getLong(reader.valueOffset(file.bytes, offset) + 16);
            if (large.sum() != sum) {
                throw new CorruptMapException(
                        log.directory.resolve(large.name()),
                        DataFile.HEADER,
                        "the checksum of the value does not match its bytes");
            }
            size += large.length;
        }
        entries++;
        bytes += size;
    }
}
