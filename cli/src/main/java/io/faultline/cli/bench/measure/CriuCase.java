package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DaemonProgram;
import io.faultline.cli.bench.criu.DestinationHost;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LabUnavailableException;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.LinkSpeed;
import io.faultline.cli.bench.criu.PeakMemory;
import io.faultline.cli.bench.criu.SourceHost;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/**
 * A process that stock CRIU moves from one host to another, with its daemon or with ours. Ours is
 * started before the dump and waits for the images; CRIU's can only be started after it.
 *
 * @param key the name without the side
 */
public record CriuCase(
    CriuPrograms programs,
    String key,
    String what,
    LinkSpeed link,
    MovedProcess process,
    PagePath path)
    implements BenchCase {
  /** Prefixes of the names of cases. */
  static final String OWN = "criu-";

  static final String STOCK = "stock-";

  /** The server has closed the client's connection, which CRIU would refuse to dump. */
  private static final long AFTER_CLIENT_MILLIS = 200;

  private static final double NANOS_PER_MILLI = 1e6;

  @Override
  public String name() {
    return (isStock() ? STOCK : OWN) + key;
  }

  @Override
  public String counterpart() {
    return OWN + key;
  }

  @Override
  public ResultTable table() {
    return ResultTable.CRIU;
  }

  @Override
  public String title() {
    return (isStock() ? "CRIU: " : "Faultline: ") + what;
  }

  @Override
  public String command() {
    return switch (path) {
      case STOCK ->
          "criu dump --lazy-pages; criu lazy-pages --page-server; criu restore --lazy-pages";
      case DUMP ->
          "criu dump --lazy-pages; faultline lazy-pages --page-server --wait-images, started before"
              + " the dump; criu restore --lazy-pages";
      case SOURCE ->
          "criu dump --lazy-pages; faultline page-server --source and faultline lazy-pages --from"
              + " --wait-images, started before the dump; criu restore --lazy-pages";
    };
  }

  private boolean isStock() {
    return path == PagePath.STOCK;
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    try (CriuLab lab = programs.open(1)) {
      Application application = process.application(programs.stock(), programs.lab());
      lab.source().start(application);
      try (LineClient client = lab.source().client(application.port())) {
        process.prepare(client);
      }
      Thread.sleep(AFTER_CLIENT_MILLIS);
      return move(lab, application, programs.daemon(isStock()));
    } catch (LabUnavailableException e) {
      throw new CannotRunException(String.valueOf(e.getMessage()));
    }
  }

  private Map<Metric, Double> move(CriuLab lab, Application application, DaemonProgram daemon)
      throws IOException, InterruptedException {
    Map<Metric, Double> values = new EnumMap<>(Metric.class);
    DestinationHost destination = lab.destination();
    int port = lab.source().pageServerPort(link);
    HostCommand waiting = isStock() ? null : startEarly(lab, daemon, port);
    long dumped = System.nanoTime();
    HostCommand dump = lab.source().dumpLazily();
    destination.copyImages(lab.source());
    HostCommand pages = waiting == null ? destination.startDaemon(daemon, port) : waiting;
    try (PeakMemory memory = new PeakMemory(pages)) {
      long restored = System.nanoTime();
      HostCommand restore = destination.startRestore();
      try (LineClient client = destination.client(application.port())) {
        client.ask(application.ping(), MovedProcess.LIMIT);
        long answered = System.nanoTime();
        values.put(Metric.FIRST_ANSWER, (answered - restored) / NANOS_PER_MILLI);
        values.put(Metric.DOWNTIME, (answered - dumped) / NANOS_PER_MILLI);
        restore.awaitSuccess(MovedProcess.LIMIT);
        process.work(client).ifPresent(rate -> values.put(Metric.READS, rate));
        pages.awaitSuccess(MovedProcess.LIMIT);
        values.put(Metric.ALL_PAGES, (pages.endNanos() - restored) / NANOS_PER_MILLI);
        values.put(Metric.DAEMON_CPU, pages.cpuSeconds());
        values.put(Metric.DAEMON_MEMORY, memory.mebibytes());
        dump.awaitSuccess(MovedProcess.LIMIT);
        process.check(client);
      }
    }
    return values;
  }

  private HostCommand startEarly(CriuLab lab, DaemonProgram daemon, int port)
      throws IOException, InterruptedException {
    if (path == PagePath.DUMP) {
      return lab.destination().startDaemon(daemon, port, "--wait-images");
    }
    lab.source().startPageSource(daemon);
    int from =
        link.isDirect()
            ? SourceHost.PAGE_SOURCE_PORT
            : lab.source().relay(link, SourceHost.PAGE_SOURCE_PORT).port();
    return lab.destination().startDaemonFrom(daemon, from, "--wait-images");
  }
}
