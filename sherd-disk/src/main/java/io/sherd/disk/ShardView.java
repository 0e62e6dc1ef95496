package io.sherd.disk;

import io.sherd.ShardLoad;
import io.sherd.Shards;
import java.util.ArrayList;
import java.util.List;

/** The shards of a disk map. Their number is fixed when the map is created; each grows by itself. */
final class ShardView implements Shards {
    private final Index index;

    ShardView(Index index) {
        this.index = index;
    }

    @Override
    public int count() {
        return index.shards.length;
    }

    @Override
    public int max() {
        return index.shards.length;
    }

    @Override
    public List<ShardLoad> loads() {
        List<ShardLoad> loads = new ArrayList<>();
        for (Shard shard : index.shards) {
            shard.lock.lock();
            try {
                if (shard.used > 0) {
                    Table table = shard.table;
                    loads.add(new ShardLoad(shard.index, shard.live(), table.capacity(), Table.size(table.log)));
                }
            } finally {
                shard.lock.unlock();
            }
        }
        return List.copyOf(loads);
    }

    @Override
    public long bytes() {
        long bytes = 0;
        for (Shard shard : index.shards) {
            bytes += Table.size(shard.table.log);
        }
        return bytes;
    }
}
