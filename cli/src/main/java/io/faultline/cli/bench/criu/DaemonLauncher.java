package io.faultline.cli.bench.criu;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The command that starts this project's daemons as the launcher does: with this JVM's flags other
 * than its heap sizes, which are the launcher's, and with an AOT cache that the command {@code
 * train-restore} has filled.
 */
public final class DaemonLauncher {
  private static final String MAIN = "io.faultline.cli.Main";
  private static final String CACHE = "-XX:AOTCache";
  private static final String HEAP = "-Xm";
  private static final String LOG = "-Xlog:";

  /** Of the message by which a JVM refuses to record classes that are not in jars. */
  private static final String NOT_IN_JARS = "non-empty directory";

  /** The launcher's heap for these commands. */
  private static final List<String> OWN_HEAP = List.of("-Xms16m", "-Xmn8m");

  private static final long TRAINING_SECONDS = 120;

  private DaemonLauncher() {}

  /**
   * Records the cache. Without one, if classes are not in jars: a JVM refuses that.
   *
   * @param directory for the cache
   * @return the command, without the verb
   * @throws IOException if the cache cannot be recorded for another reason: daemons without it are
   *     not those of users
   */
  public static List<String> prepare(Path directory) throws IOException, InterruptedException {
    List<String> flags =
        new ArrayList<>(
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(
                    each ->
                        !each.startsWith(HEAP) && !each.startsWith(CACHE) && !each.startsWith(LOG))
                .toList());
    flags.addAll(OWN_HEAP);
    Path cache = directory.resolve("restore.aot");
    List<String> training = new ArrayList<>(flags);
    training.add(CACHE + "Output=" + cache);
    List<String> command = new ArrayList<>(OwnProgram.command(MAIN, training));
    command.add("train-restore");
    train(command, directory.resolve("train-restore.log"));
    if (Files.exists(cache)) {
      flags.addAll(List.of(CACHE + "=" + cache, LOG + "aot=off", LOG + "cds=off"));
    }
    return OwnProgram.command(MAIN, flags);
  }

  private static void train(List<String> command, Path log)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    process.getOutputStream().close();
    if (!process.waitFor(TRAINING_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("train-restore does not end");
    }
    List<String> lines = Files.readAllLines(log);
    boolean isRefused = lines.stream().anyMatch(line -> line.contains(NOT_IN_JARS));
    if (process.exitValue() != 0 && !isRefused) {
      String last = lines.isEmpty() ? "" : ": " + lines.getLast();
      throw new IOException("train-restore fails, exit code " + process.exitValue() + last);
    }
  }
}
