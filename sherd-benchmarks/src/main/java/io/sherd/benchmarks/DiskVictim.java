package io.sherd.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that fills a map and ends in the middle of its life, as by {@code kill -9}: nothing is closed, no hook runs.
 *
 * <p>Arguments: the system, the kind of keys, the number of entries, and an empty folder. Says the bytes of the log.
 */
final class DiskVictim {
    private DiskVictim() {}

    /** Fills and ends. */
    public static void main(String[] arguments) throws IOException {
        fill(
                Peers.disk(arguments[0]),
                DiskData.of(KeyKind.of(arguments[1])),
                Integer.parseInt(arguments[2]),
                Path.of(arguments[3]));
        Runtime.getRuntime().halt(0);
    }

    @SuppressWarnings("resource") // that it is never closed is the point
    private static <K, V> void fill(DiskPeer peer, DiskData<K, V> data, int entries, Path folder) throws IOException {
        DiskStore<K, V> store = peer.open(data, folder, entries, false);
        DiskStore.Session<K, V> session = store.session(1);
        for (int i = 0; i < entries; i++) {
            session.put(data.key(data.kind().key(i)), data.value(i));
        }
        System.out.println(store.logBytes());
        System.out.flush();
    }

    /** Runs such a process on a folder and returns the bytes of the log that it left. */
    static long fill(String system, KeyKind keys, int entries, Path folder) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Jvm.java().toString(), "-Xmx1g"));
        command.addAll(Jvm.granted());
        command.addAll(List.of(
                "-cp",
                Jvm.classPath(),
                DiskVictim.class.getName(),
                system,
                keys.label(),
                Integer.toString(entries),
                folder.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = process.inputReader()) {
            String said = output.readLine();
            int exit = process.waitFor();
            if (exit != 0 || said == null) {
                throw new IOException("the process that was to be killed ended by itself, exit code " + exit);
            }
            return Long.parseLong(said);
        } finally {
            process.destroyForcibly();
        }
    }
}
