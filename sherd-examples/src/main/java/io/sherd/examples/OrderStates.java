package io.sherd.examples;

import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.util.Map;

/**
 * A state machine for each key: an order is paid, then shipped. The step from one state to the next may be slow and may fail; the
 * order is held meanwhile, others see the state from before, and after a failure it is as if nothing had been tried.
 */
public final class OrderStates {
    private static final Map<State, State> NEXT = Map.of(State.NEW, State.PAID, State.PAID, State.SHIPPED);

    private final ShardedMap<Integer, State> orders = ShardedMap.onHeap().build();

    private enum State {
        NEW,
        PAID,
        SHIPPED
    }

    private OrderStates() {}

    /** Takes one step, or none if the order is not in the state that the step begins with. */
    private String advance(int order, State from, Runnable work) {
        try (LockedEntry<Integer, State> entry = orders.lock(order)) {
            State state = entry.setValueIfAbsent(() -> State.NEW);
            State next = NEXT.get(from);
            if (state != from || next == null) {
                entry.discard();
                return "order " + order + " is " + state + ", not " + from;
            }
            entry.setValue(next);
            try {
                work.run(); // others read the state from before
            } catch (RuntimeException failure) {
                entry.discard();
                return "order " + order + " stays " + state + ": " + failure.getMessage();
            }
            return "order " + order + " is " + next;
        }
    }

    /**
     * Runs the example.
     *
     * @param args none
     */
    public static void main(String[] args) {
        OrderStates shop = new OrderStates();
        System.out.println(shop.advance(7, State.PAID, () -> {}));
        System.out.println(shop.advance(7, State.NEW, () -> {
            throw new IllegalStateException("the bank does not answer");
        }));
        System.out.println("seen by others: " + shop.orders.get(7));
        System.out.println(shop.advance(
                7, State.NEW, () -> System.out.println("while it is paid, others see: " + shop.orders.get(7))));
        System.out.println(shop.advance(7, State.PAID, () -> {}));
        System.out.println("seen by others: " + shop.orders.get(7));
    }
}
