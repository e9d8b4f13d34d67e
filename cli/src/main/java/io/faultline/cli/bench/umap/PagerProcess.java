package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.criu.OwnProgram;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code faultline pager} in a JVM of its own. It is killed when this JVM ends. */
final class PagerProcess implements AutoCloseable {
  private static final String MAIN = "io.faultline.cli.Main";
  private static final String LISTENING = "listening on ";
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final double NANOS = 1e9;

  private final OwnedProcess owned;
  private final Path socket;
  private final Path output;

  private PagerProcess(OwnedProcess owned, Path socket, Path output) {
    this.owned = owned;
    this.socket = socket;
    this.output = output;
  }

  /** What it has taken since its start. */
  record Counters(double cpuSeconds, long readBytes, long writtenBytes) {
    Counters minus(Counters before) {
      return new Counters(
          cpuSeconds - before.cpuSeconds,
          readBytes - before.readBytes,
          writtenBytes - before.writtenBytes);
    }
  }

  /**
   * Starts one, and waits until it listens.
   *
   * @param storeRoot clients may use files in this directory
   * @throws IOException if it does not start; the message has its output
   */
  static PagerProcess start(Path scratch, Path storeRoot, long bufferBytes)
      throws IOException, InterruptedException {
    Path socket = scratch.resolve("pager.socket");
    Path output = scratch.resolve("pager.out");
    List<String> command =
        new ArrayList<>(
            OwnProgram.command(MAIN, ManagementFactory.getRuntimeMXBean().getInputArguments()));
    command.addAll(List.of("pager", "--socket=" + socket, "--store-root=" + storeRoot));
    command.add("--buffer=" + bufferBytes);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    PagerProcess pager = new PagerProcess(new OwnedProcess(builder.start()), socket, output);
    try {
      pager.awaitListening();
      return pager;
    } catch (IOException | InterruptedException e) {
      pager.close();
      throw e;
    }
  }

  private void awaitListening() throws IOException, InterruptedException {
    for (long left = START.toMillis(); left > 0; left -= POLL.toMillis()) {
      if (owned.await(POLL)) {
        throw new IOException("the pager has ended: " + output());
      }
      if (output().contains(LISTENING)) {
        return;
      }
    }
    throw new IOException("the pager does not listen after " + START + ": " + output());
  }

  Path socket() {
    return socket;
  }

  /**
   * Its counters; bytes are those that reached or came from the disk.
   *
   * @throws IOException if it has ended, or the kernel does not count bytes
   */
  Counters counters() throws IOException {
    double cpu = owned.process().info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / NANOS;
    long read = 0;
    long written = 0;
    Path file = Path.of("/proc", Long.toString(owned.process().pid()), "io");
    for (String line : Files.readAllLines(file)) { // proc_pid_io(5)
      String[] sides = line.split(": ", 2);
      read = sides[0].equals("read_bytes") ? Long.parseLong(sides[1]) : read;
      written = sides[0].equals("write_bytes") ? Long.parseLong(sides[1]) : written;
    }
    return new Counters(cpu, read, written);
  }

  private String output() throws IOException {
    return String.join(" | ", Files.readAllLines(output));
  }

  /** Ends it as a user would, so that nothing of it is left. */
  void end() throws InterruptedException {
    owned.end();
  }

  @Override
  public void close() {
    owned.close();
  }
}
