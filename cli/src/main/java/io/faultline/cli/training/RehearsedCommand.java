package io.faultline.cli.training;

import io.faultline.restore.criu.RestoreSocket;
import io.faultline.restore.rehearsal.RehearsedProcess;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import picocli.CommandLine;

/** Runs {@code lazy-pages} in this JVM, from its arguments to its result, for a made-up process. */
final class RehearsedCommand {
  private static final long POLL_MILLIS = 5;
  private static final int POLLS = 2000;

  private RehearsedCommand() {}

  /**
   * Runs it once.
   *
   * @param lazyPages the command
   * @return the reason if this machine does not permit it; empty if it worked
   */
  static String run(CommandLine lazyPages) {
    try {
      Path directory = Files.createTempDirectory("faultline-rehearsal");
      try (RehearsedProcess process = RehearsedProcess.dump(directory)) {
        CompletableFuture<Void> criu =
            CompletableFuture.runAsync(() -> restore(process, directory));
        int code =
            lazyPages.execute(
                "-D", directory.toString(), "-o", "lazy.log", "-v3", "--json", "result.json");
        criu.join();
        return code == 0 ? "" : "lazy-pages ended with " + code;
      } finally {
        delete(directory);
      }
    } catch (IOException | RuntimeException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static void restore(RehearsedProcess process, Path directory) {
    try {
      Path socket = directory.resolve(RestoreSocket.NAME);
      for (int i = 0; i < POLLS && !Files.exists(socket); i++) {
        Thread.sleep(POLL_MILLIS);
      }
      process.restore();
    } catch (IOException | SystemCallException e) {
      // the command fails as well, and says why
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> last = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : last) {
        Files.delete(file);
      }
    }
  }
}
