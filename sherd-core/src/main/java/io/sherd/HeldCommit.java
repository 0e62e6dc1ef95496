package io.sherd;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The commit of several keys that were locked together. */
final class HeldCommit extends Commit {
    private final List<? extends HeapEntry<?, ?>> inOrder;

    /** @param inOrder the entries that change, in the order of their hashes */
    HeldCommit(List<? extends HeapEntry<?, ?>> inOrder) {
        this.inOrder = inOrder;
    }

    @Override
    @Nullable
    Object valueOf(int hash, Object key) {
        int low = 0;
        for (int high = inOrder.size(); low < high; ) {
            int middle = (low + high) >>> 1;
            if (inOrder.get(middle).hash < hash) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (; low < inOrder.size() && inOrder.get(low).hash == hash; low++) {
            HeapEntry<?, ?> entry = inOrder.get(low);
            if (key.equals(entry.key())) {
                return orRemoved(entry.now());
            }
        }
        return null;
    }
}
