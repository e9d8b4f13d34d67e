package io.faultline.cli.bench.criu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The most memory that a command had resident until it ended, as the kernel recorded it (VmHWM). A
 * thread reads it while the command runs, since it is gone with the process.
 */
public final class PeakMemory implements AutoCloseable {
  private static final long EVERY_MILLIS = 20;
  private static final String FIELD = "VmHWM:";
  private static final double KIB_PER_MIB = 1024;

  private final HostCommand command;
  private final Thread reader;
  private volatile double mebibytes;

  public PeakMemory(HostCommand command) {
    this.command = command;
    this.reader = Thread.ofPlatform().daemon().name("peak-memory").start(this::read);
  }

  private void read() {
    try {
      while (command.isRunning()) {
        command.handle().ifPresent(process -> read(process.pid()));
        Thread.sleep(EVERY_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private void read(long pid) {
    try {
      Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
          .filter(line -> line.startsWith(FIELD))
          .forEach(line -> mebibytes = number(line) / KIB_PER_MIB);
    } catch (IOException e) {
      // it ended meanwhile: the last value counts
    }
  }

  private static double number(String line) {
    return Double.parseDouble(line.replaceAll("[^0-9]", ""));
  }

  /** The peak so far, in MiB. */
  public double mebibytes() {
    return mebibytes;
  }

  @Override
  public void close() {
    reader.interrupt();
  }
}
