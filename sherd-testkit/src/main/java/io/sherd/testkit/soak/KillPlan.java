package io.sherd.testkit.soak;

import java.util.Random;

/**
 * What one child does and when it is killed, drawn from the seed.
 *
 * @param run the number of the run within its directory
 * @param moment the phase in which the child is killed
 * @param delayMicros how long after the phase began
 * @param writeMillis how long a child that closes writes before that
 * @param threads the number of writers
 * @param virtual whether they are virtual threads
 * @param clear whether everything is removed before the writers start
 * @param forcing whether one thread forces all the time
 * @param writersStay whether a child that closes does so under its writers
 */
record KillPlan(
        int run,
        Moment moment,
        int delayMicros,
        int writeMillis,
        int threads,
        boolean virtual,
        boolean clear,
        boolean forcing,
        boolean writersStay) {

    /** Up to so long after its writers started a child is killed; some at once, some when files and shards have grown. */
    private static final int[] WRITING_MICROS = {20_000, 300_000, 300_000, 1_000_000};

    /** A phase of the child. */
    enum Moment {
        /** Creation, or opening and recovery. */
        OPENING,
        /** The writers run. */
        WRITING,
        /** The store is closing. */
        CLOSING,
        /** No kill: the child closes and ends. */
        NEVER
    }

    static KillPlan draw(int run, Random random) {
        int draw = random.nextInt(20);
        Moment moment =
                draw < 12 ? Moment.WRITING : draw < 16 ? Moment.OPENING : draw < 19 ? Moment.CLOSING : Moment.NEVER;
        int delayMicros = switch (moment) {
            case WRITING -> random.nextInt(WRITING_MICROS[random.nextInt(WRITING_MICROS.length)]);
            case OPENING -> random.nextInt(60_000);
            case CLOSING -> random.nextInt(10_000);
            case NEVER -> 0;
        };
        return new KillPlan(
                run,
                moment,
                delayMicros,
                random.nextInt(200),
                random.nextInt(3) == 0 ? 3 + random.nextInt(Ledger.THREADS - 3) : 3,
                random.nextInt(4) == 0,
                random.nextInt(10) == 0,
                random.nextInt(3) == 0,
                random.nextBoolean());
    }

    /** A run that writes for some time before it is killed. */
    static KillPlan busy(int run, Random random) {
        int delayMicros = 100_000 + random.nextInt(400_000);
        return new KillPlan(run, Moment.WRITING, delayMicros, 0, 3, false, false, false, false);
    }

    /** A run that only looks at what the last kill left, and closes. */
    static KillPlan check(int run) {
        return new KillPlan(run, Moment.NEVER, 0, 0, 1, false, false, false, false);
    }

    String format() {
        return run + "," + moment + "," + delayMicros + "," + writeMillis + "," + threads + "," + virtual + "," + clear
                + "," + forcing + "," + writersStay;
    }

    static KillPlan parse(String text) {
        String[] fields = text.split(",", -1);
        return new KillPlan(
                Integer.parseInt(fields[0]),
                Moment.valueOf(fields[1]),
                Integer.parseInt(fields[2]),
                Integer.parseInt(fields[3]),
                Integer.parseInt(fields[4]),
                Boolean.parseBoolean(fields[5]),
                Boolean.parseBoolean(fields[6]),
                Boolean.parseBoolean(fields[7]),
                Boolean.parseBoolean(fields[8]));
    }
}
