package io.faultline.cli.bench.snapshots;

import io.faultline.snapshot.BackgroundSnapshot;
import io.faultline.snapshot.SnapshotReport;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Takes a snapshot of the guest of {@code writer.c}, with the arguments of {@code snapshot-peer.c}
 * after the way, and the library of {@code writer.c} after them, and prints the same JSON. Before
 * that it takes some of a small guest, so that the code is compiled.
 */
final class SnapshotProgram {
  /** The number of results of {@code writer.h}: writes, p50, p99 and maximum. */
  static final int RESULTS = 4;

  private static final double MILLI = 1e6;
  private static final int WARM_UPS = 4;
  private static final long WARM_UP_BYTES = 128L << 20;

  /** As in {@code snapshot-peer.c}. */
  private static final int GUEST_WARM_UP_MILLIS = 300;

  private final Kernel kernel = new LinuxKernel();
  private final Path library;
  private final long seed;

  private SnapshotProgram(Path library, long seed) {
    this.library = library;
    this.seed = seed;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    SnapshotProgram program =
        new SnapshotProgram(Path.of(arguments[3]), Long.parseLong(arguments[2]));
    long bytes = Long.parseLong(arguments[0]);
    Path file = Path.of(arguments[1]);
    for (int i = 0; i < WARM_UPS; i++) {
      String _ = program.run(Math.min(WARM_UP_BYTES, bytes), file);
      Files.delete(file);
    }
    System.out.println(program.run(bytes, file));
  }

  private String run(long bytes, Path file) throws IOException, InterruptedException {
    try (WriterVm guest = new WriterVm(kernel, library, bytes, seed)) {
      guest.start();
      Thread.sleep(GUEST_WARM_UP_MILLIS);
      SnapshotReport report = new BackgroundSnapshot(kernel, guest, file).take();
      guest.time(false);
      double[] writes = guest.end();
      return json(report, writes, SavedImage.isRight(file, guest));
    }
  }

  private static String json(SnapshotReport report, double[] writes, boolean right) {
    return String.format(
        Locale.ROOT,
        "{\"pause_ms\":%.3f,\"total_ms\":%.3f,\"faults\":%d,\"writes\":%.0f,\"p50_us\":%.3f,"
            + "\"p99_us\":%.3f,\"max_us\":%.3f,\"right\":%s,\"report\":\"%s\"}",
        report.pauseNanos() / MILLI,
        report.totalNanos() / MILLI,
        report.faults(),
        writes[0],
        writes[1],
        writes[2],
        writes[3],
        right,
        report);
  }
}
