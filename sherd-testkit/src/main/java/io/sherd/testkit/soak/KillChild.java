package io.sherd.testkit.soak;

import io.sherd.testkit.soak.KillPlan.Moment;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The process that is killed: opens the store, compares it with the ledger, then writes until the end.
 *
 * <p>It tells the parent on its standard output which phase it enters ({@code PHASE} and a name), what it finds
 * ({@code LOST} or {@code WRONG}) and what else went wrong ({@code ERROR}). It ends by itself only if it is to close, with
 * status 0, or after a finding or an error, with 1.
 */
public final class KillChild {
    private final PrintStream out;
    private final CountDownLatch failed = new CountDownLatch(1);
    private final Findings findings;

    private KillChild(PrintStream out) {
        this.out = out;
        this.findings = new Findings(line -> {
            say(line);
            failed.countDown();
        });
    }

    /**
     * Runs one child.
     *
     * @param args directory, class of the factory, settings, plan, fault, seed
     */
    public static void main(String[] args) {
        // the parent reads UTF-8 lines, whatever the console of this machine is
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        KillChild child = new KillChild(out);
        try {
            child.run(
                    Path.of(args[0]),
                    factory(args[1]),
                    StoreSettings.parse(args[2]),
                    KillPlan.parse(args[3]),
                    Fault.valueOf(args[4]),
                    Long.parseLong(args[5]));
        } catch (Throwable e) {
            child.fail(e);
        }
        Runtime.getRuntime().halt(child.failed.getCount() == 0 ? 1 : 0);
    }

    private static StoreFactory factory(String name) throws ReflectiveOperationException {
        return Class.forName(name)
                .asSubclass(StoreFactory.class)
                .getConstructor()
                .newInstance();
    }

    private void run(
            Path directory, StoreFactory factory, StoreSettings settings, KillPlan plan, Fault fault, long seed)
            throws IOException, InterruptedException {
        Path storeDirectory = Files.createDirectories(directory.resolve("store"));
        int keys = settings.keys();
        Ledger ledger = Ledger.open(directory.resolve("ledger"), keys);
        phase(Moment.OPENING.name());
        StoreUnderTest store = fault.plant(factory.open(storeDirectory, settings));
        phase("VERIFYING");
        Values values = new Values(settings.shape());
        Judge judge = new Judge(values, ledger, findings);
        long present = new Verification(store, judge, values, findings, keys).run();
        say("VERIFIED " + present);
        if (findings.count() > 0) {
            return;
        }
        if (plan.writeMillis() > 0 || plan.moment() != Moment.NEVER) {
            Workload workload = new Workload(store, ledger, judge, values, findings, keys, plan);
            phase(Moment.WRITING.name());
            if (plan.clear()) {
                workload.clear();
            }
            List<Thread> threads = start(workload, plan, seed);
            if (plan.moment() == Moment.WRITING || plan.moment() == Moment.OPENING) {
                failed.await();
                return;
            }
            if (failed.await(plan.writeMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            if (plan.writersStay()) {
                workload.announceClose();
                phase(Moment.CLOSING.name());
                store.close();
                workload.stop();
                join(threads);
            } else {
                workload.stop();
                join(threads);
                phase(Moment.CLOSING.name());
                store.close();
            }
        } else {
            phase(Moment.CLOSING.name());
            store.close();
        }
        phase("CLOSED");
    }

    private List<Thread> start(Workload workload, KillPlan plan, long seed) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < plan.threads(); i++) {
            int thread = i;
            threads.add(start(
                    plan.virtual(),
                    "writer " + i,
                    () -> workload.write(thread, Workload.random(seed, plan.run(), thread))));
        }
        threads.add(start(false, "reader", () -> workload.read(Workload.random(seed, plan.run(), Ledger.THREADS))));
        if (plan.forcing()) {
            threads.add(start(false, "forcer", workload::force));
        }
        return threads;
    }

    private Thread start(boolean virtual, String name, Runnable task) {
        Thread.Builder builder =
                virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
        return builder.name(name)
                .uncaughtExceptionHandler((thread, e) -> fail(e))
                .start(task);
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void phase(String name) {
        say("PHASE " + name);
    }

    private void say(String line) {
        out.println(line);
    }

    private void fail(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        say("ERROR " + text.toString().replace('\n', '\t'));
        failed.countDown();
    }
}
