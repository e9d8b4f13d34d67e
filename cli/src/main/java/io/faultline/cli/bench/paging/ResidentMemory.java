package io.faultline.cli.bench.paging;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The largest amount of memory registered with userfaultfd that another process had in RAM, sampled
 * by a thread from {@code smaps}: the regions of a pager with its staging memory.
 */
final class ResidentMemory {
  private static final long PERIOD_MILLIS = 20;
  private static final String RESIDENT = "Rss:";
  private static final String FLAGS = "VmFlags:";

  /** The flag of a mapping in which missing pages fault into a userfaultfd. */
  private static final String MISSING = " um";

  private final Path maps;
  private final Thread thread;
  private long mostBytes; // of the thread, until it has ended
  private volatile boolean stopped;

  ResidentMemory(long pid) {
    maps = Path.of("/proc", Long.toString(pid), "smaps");
    thread = Thread.ofPlatform().name("resident-memory").daemon().start(this::watch);
  }

  private void watch() {
    try {
      while (!stopped) {
        long now = registeredBytes(Files.readString(maps, StandardCharsets.ISO_8859_1));
        mostBytes = Math.max(mostBytes, now);
        Thread.sleep(PERIOD_MILLIS);
      }
    } catch (IOException e) {
      stopped = true; // the process has ended
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The sum of the resident bytes of registered mappings. */
  static long registeredBytes(String smaps) {
    long sum = 0;
    long resident = 0;
    for (String line : smaps.split("\n", -1)) {
      if (line.startsWith(RESIDENT)) {
        String[] words = line.split("\\s+", -1);
        resident = Long.parseLong(words[1]) << 10;
      } else if (line.startsWith(FLAGS) && line.contains(MISSING)) {
        sum += resident;
      }
    }
    return sum;
  }

  /** Waits until the process has ended, and returns the most that it had. */
  long end() throws InterruptedException {
    stopped = true;
    thread.join();
    return mostBytes;
  }
}
