package io.faultline.cli.restore;

import io.faultline.cli.criu.CriuLog;
import io.faultline.cli.criu.Directories;
import io.faultline.cli.criu.Readiness;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.page.RestorePage;
import io.faultline.cli.terminal.Terminal;
import io.faultline.proto.Transport;
import io.faultline.restore.ImageTasks;
import io.faultline.restore.LazyPagesDaemon;
import io.faultline.restore.LazyPagesSettings;
import io.faultline.restore.RestoreEvents;
import io.faultline.restore.RestoreReport;
import io.faultline.restore.RestoreState;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.outcome.HeldProcesses;
import io.faultline.restore.outcome.OnFailure;
import io.faultline.restore.outcome.OutcomeContext;
import io.faultline.restore.rehearsal.RestoreRehearsal;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code lazy-pages}, from the socket to the last page. */
final class LazyPagesRun {
  private static final String RESULT_OPTION = "--json";

  /** Afterwards a fault takes no longer than at the next ones. */
  private static final int REHEARSALS = 2;

  private final Directories directories;
  private final OriginChoice origin;
  private final CriuLog log;
  private final boolean inForeground;
  private final RestoreRecorder recorder;

  /**
   * @param inForeground whether a user may see its progress
   * @param recorder for the report
   */
  LazyPagesRun(
      Directories directories,
      OriginChoice origin,
      CriuLog log,
      boolean inForeground,
      RestoreRecorder recorder) {
    this.directories = directories;
    this.origin = origin;
    this.log = log;
    this.inForeground = inForeground;
    this.recorder = recorder;
  }

  /**
   * Runs until all pages have arrived, or it failed, which is logged.
   *
   * @param readsImages whether the images must be there already
   * @return whether all pages arrived
   * @throws IOException if it could not start
   */
  boolean run(
      boolean readsImages,
      LazyPagesSettings settings,
      OutcomeChoice outcome,
      Readiness readiness,
      ResultOutput results)
      throws IOException, InterruptedException {
    ImageTasks tasks = new ImageTasks(directories.images());
    try (Transport transport = new Transport()) {
      Function<IoEventLoop, PageOrigin> maker = origin.maker(transport, tasks, log);
      if (readsImages) {
        tasks.readAll();
      }
      if (outcome.takesOver()) {
        requireHeld(tasks);
      }
      rehearse();
      try (LazyPagesDaemon daemon = start(transport, tasks, maker, outcome, settings);
          SignalHook _ = new SignalHook(() -> cancel(daemon), log)) {
        log.info(
            outcome.takesOver()
                ? "lazy-pages: continuing in " + directories.work()
                : "lazy-pages: waiting for CRIU in " + directories.work());
        log.info("lazy-pages: pages from " + origin.describe());
        readiness.announce();
        RestoreReport report = await(daemon);
        ObjectNode result = RestoreResult.of(report, origin.describe());
        results.write(RESULT_OPTION, () -> ResultFile.text(result));
        results.write(
            OutputOptions.REPORT, () -> RestorePage.of(recorder.recorded(report), result));
        return log(report);
      }
    }
  }

  /** With other images than before, the processes could only be killed. */
  private void requireHeld(ImageTasks tasks) throws IOException {
    tasks.open();
    Set<Integer> unknown = new TreeSet<>(HeldProcesses.in(directories.work()));
    unknown.removeAll(tasks.processes());
    if (!unknown.isEmpty()) {
      throw new IOException(
          "the images in "
              + directories.images()
              + " do not have the processes "
              + unknown
              + " that wait: give the same -D as before; they wait on");
    }
  }

  /** Compiles the path of a fault, for which CRIU and the process would wait. */
  private void rehearse() {
    String problem = RestoreRehearsal.run(origin.rehearsed(), OnFailure.ROLLBACK, REHEARSALS);
    if (!problem.isEmpty()) {
      log.detail("lazy-pages: continuing without a rehearsal: " + problem);
    }
  }

  private LazyPagesDaemon start(
      Transport transport,
      ImageTasks tasks,
      Function<IoEventLoop, PageOrigin> origin,
      OutcomeChoice outcome,
      LazyPagesSettings settings)
      throws IOException {
    Path work = directories.work();
    RestoreEvents events =
        RestoreEvents.of(
            state -> {
              recorder.entered(state);
              log.info("lazy-pages: " + state.name().toLowerCase(Locale.ROOT));
            },
            message -> log.warning("lazy-pages: " + message));
    LazyPagesDaemon.OutcomeMaker made =
        loop -> outcome.create(new OutcomeContext(loop, transport, work, log::error));
    return outcome.takesOver()
        ? LazyPagesDaemon.takeOver(transport, tasks, origin, made, settings, events)
        : LazyPagesDaemon.listen(transport, work, tasks, origin, made, settings, events);
  }

  private RestoreReport await(LazyPagesDaemon daemon) throws InterruptedException {
    CompletableFuture<RestoreReport> result = daemon.result();
    recorder.sample(daemon);
    try (recorder;
        RestoreProgress progress =
            inForeground && Terminal.isInteractive() ? new RestoreProgress() : null) {
      while (progress != null && !result.isDone()) {
        progress.show(daemon.progress().join());
        Thread.sleep(RestoreProgress.INTERVAL_MILLIS);
      }
      return result.join();
    }
  }

  /** A signal ends the session as a failure does: before the process ends, and its descriptors. */
  private static void cancel(LazyPagesDaemon daemon) {
    daemon.cancel("lazy-pages was told to end by a signal");
    daemon.result().join();
  }

  private boolean log(RestoreReport report) {
    if (report.state() != RestoreState.COMPLETED) {
      log.error(report.error());
      return false;
    }
    log.info(RestoreResult.summary(report));
    return true;
  }
}
