package io.sherd.disk;

import io.sherd.Rebalance;
import io.sherd.RebalanceOptions;
import io.sherd.RebalanceReport;
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
                if (shard.usedAtMost() > 0) {
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

    @Override
    public RebalanceReport rebalanceTo(int shards) {
        throw fixed(shards);
    }

    @Override
    public Rebalance startRebalance(int shards, RebalanceOptions options) {
        throw fixed(shards);
    }

    private UnsupportedOperationException fixed(int shards) {
        return new UnsupportedOperationException(
                "rebalance to " + shards + " shards: a disk map keeps the number with which it" + " was made, "
                        + count() + "; it changes on a copy, made by backup with another number of shards");
    }
}
