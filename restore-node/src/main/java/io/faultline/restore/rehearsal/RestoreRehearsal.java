package io.faultline.restore.rehearsal;

import io.faultline.proto.Transport;
import io.faultline.restore.ImageTasks;
import io.faultline.restore.LazyPagesDaemon;
import io.faultline.restore.LazyPagesSettings;
import io.faultline.restore.RestoreEvents;
import io.faultline.restore.RestoreReport;
import io.faultline.restore.RestoreState;
import io.faultline.restore.origin.ImageOrigin;
import io.faultline.restore.origin.LateOrigin;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.origin.PageServerOrigin;
import io.faultline.restore.origin.PageServerSettings;
import io.faultline.restore.outcome.OnFailure;
import io.faultline.restore.outcome.OutcomeContext;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.LinuxKernel;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * Restores memory of this process, as CRIU would restore a process, before CRIU waits. The files
 * are in a temporary directory, and everything that was started has ended afterwards.
 */
public final class RestoreRehearsal {
  private static final int MILLIS_PER_RUN = 10_000;

  private final Path directory;
  private final PagesFrom from;
  private final OnFailure onFailure;

  /** Where the pages come from. */
  public enum PagesFrom {
    /** Image files. */
    IMAGES,
    /** A page server on the loopback interface. */
    PAGE_SERVER
  }

  private RestoreRehearsal(Path directory, PagesFrom from, OnFailure onFailure) {
    this.directory = directory;
    this.from = from;
    this.onFailure = onFailure;
  }

  /**
   * Restores several times.
   *
   * @param onFailure {@link OnFailure#HOLD} leaves sleeping processes if this one is killed
   *     meanwhile
   * @param times how often; each takes some 20 ms, the first longer
   * @return the reason if this machine does not permit it; empty if it worked. Nothing is lost then
   *     but time
   */
  public static String run(PagesFrom from, OnFailure onFailure, int times) {
    try {
      Path directory = Files.createTempDirectory("faultline-rehearsal");
      try {
        for (int i = 0; i < times; i++) {
          new RestoreRehearsal(directory, from, onFailure).restore();
        }
      } finally {
        delete(directory);
      }
      return "";
    } catch (IOException | UncheckedIOException | SystemCallException | CompletionException e) {
      return String.valueOf(e.getMessage());
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

  private void restore() throws IOException {
    try (RehearsedProcess process = RehearsedProcess.dump(directory)) {
      if (from == PagesFrom.IMAGES) {
        restore(
            process,
            (transport, loop) -> new ImageOrigin(process.tasks()::image, new LinuxKernel()));
      } else {
        try (RehearsedPageServer server = RehearsedPageServer.start()) {
          restore(process, (transport, loop) -> origin(server, process.tasks(), transport, loop));
        }
      }
    }
  }

  private static PageOrigin origin(
      RehearsedPageServer server, ImageTasks tasks, Transport transport, IoEventLoop loop) {
    PageServerSettings settings = PageServerSettings.of(server.host(), server.port());
    return new LateOrigin(
        () -> new PageServerOrigin(settings, tasks.header(), tasks::image, transport, loop));
  }

  private void restore(
      RehearsedProcess process, BiFunction<Transport, IoEventLoop, PageOrigin> origin)
      throws IOException {
    try (Transport transport = new Transport()) {
      LazyPagesDaemon daemon =
          LazyPagesDaemon.listen(
              transport,
              directory,
              process.tasks(),
              loop -> origin.apply(transport, loop),
              loop -> new OutcomeContext(loop, transport, directory, line -> {}).create(onFailure),
              LazyPagesSettings.DEFAULT,
              RestoreEvents.of(state -> {}, warning -> {}));
      try {
        process.restore();
        RestoreReport report =
            daemon.result().orTimeout(MILLIS_PER_RUN, TimeUnit.MILLISECONDS).join();
        if (report.state() != RestoreState.COMPLETED) {
          throw new IOException(report.error());
        }
      } finally {
        daemon.close();
      }
    }
  }
}
