package io.faultline.cli.restore;

import io.faultline.cli.criu.CriuLog;
import io.faultline.cli.criu.Readiness;
import io.faultline.cli.criu.ServerOptions;
import io.faultline.cli.options.HostPort;
import io.faultline.proto.Transport;
import io.faultline.restore.frozen.DumpTls;
import io.faultline.restore.frozen.FrozenProcessSource;
import io.faultline.restore.frozen.FrozenSourceReport;
import io.faultline.restore.frozen.FrozenSourceSettings;
import io.faultline.restore.frozen.SourceLog;
import io.faultline.restore.frozen.SourceOutcome;
import io.faultline.restore.frozen.SourcePhase;
import io.faultline.restore.frozen.WireRehearsal;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One run of {@code page-server --source}: serves the memory of frozen processes. */
final class PageSourceRun {
  private static final String LISTEN = "--listen";

  private final FrozenSourceSettings settings;
  private final PrintWriter out;

  /**
   * @param tls of a dump with {@code --tls}; null for one without
   */
  PageSourceRun(
      SourceOptions source,
      ServerOptions dump,
      @Nullable DumpTls tls,
      WireOptions wire,
      PrintWriter out) {
    this.out = out;
    InetSocketAddress address = source.listen().resolve(LISTEN);
    String host = dump.address() == null ? "127.0.0.1" : dump.address();
    settings =
        new FrozenSourceSettings(
            address,
            source.tree(),
            new HostPort(host, dump.port(0)).resolve("--address"),
            tls,
            wire.security(WireOptions.SERVER, LISTEN, address),
            source.compression(),
            FrozenSourceSettings.DEFAULT_FREEZE_LIMIT,
            source.timeouts());
  }

  /**
   * Runs until the processes have moved, or run on here.
   *
   * @return whether they have moved
   * @throws IOException if it could not start
   */
  boolean run(Readiness readiness, CriuLog log) throws IOException {
    try (Transport transport = new Transport()) {
      FrozenProcessSource source =
          FrozenProcessSource.start(transport, settings, new PrefixedLog(log));
      try (SignalHook _ = new SignalHook(() -> release(source), log)) {
        rehearse(source, log);
        out.println("page-server: listening on " + HostPort.of(source.address()));
        out.flush();
        readiness.announce();
        FrozenSourceReport report = source.result().join();
        if (report.outcome() != SourceOutcome.MOVED) {
          log.error(report.message());
          return false;
        }
        log.info(
            "page-server: moved, with processes: "
                + report.processes()
                + ", pages: "
                + report.pages());
        return true;
      }
    }
  }

  /** Compiles what serves pages, if no process is frozen yet that would wait for that. */
  private static void rehearse(FrozenProcessSource source, CriuLog log) {
    if (source.progress().join().phase() == SourcePhase.FREEZING) {
      String problem = WireRehearsal.run();
      if (!problem.isEmpty()) {
        log.detail("page-server: continuing without a rehearsal: " + problem);
      }
    }
  }

  private static void release(FrozenProcessSource source) {
    source.release("the page source was told to end by a signal");
    source.result().join();
  }

  /** What the page source says, in the log of the command. */
  private record PrefixedLog(CriuLog log) implements SourceLog {
    private static final String PREFIX = "page-server: ";

    @Override
    public void warning(String line) {
      log.warning(PREFIX + line);
    }

    @Override
    public void info(String line) {
      log.info(PREFIX + line);
    }
  }
}
