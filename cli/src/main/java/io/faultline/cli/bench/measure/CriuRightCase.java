package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DestinationHost;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LabUnavailableException;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.LinkRelay;
import io.faultline.cli.bench.criu.LinkSpeed;
import io.faultline.cli.bench.criu.SourceHost;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Whether a process is right that changes its memory, or loses its network, while its memory
 * arrives over a slow link: its own checks, the exit codes of CRIU's dump and of the daemon, and
 * that the source has ended then and not before. With CRIU's daemon, all that is not right within
 * the time is a run that was not right; with ours it is a failure.
 *
 * @param key the name without the side
 * @param options of the memory server
 * @param commands what it does while its memory arrives
 * @param cuts how often all connections of the network are broken, one after the other
 */
public record CriuRightCase(
    CriuPrograms programs,
    String key,
    String what,
    List<String> options,
    List<String> commands,
    int cuts,
    PagePath path)
    implements BenchCase {
  /** 16 MiB take 0.8 s, and a page takes 10 ms. */
  private static final LinkSpeed LINK = new LinkSpeed(Duration.ofMillis(5), 20_000_000);

  private static final int MEBIBYTES = 16;

  /** Ten times what a run takes that is right. */
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static final long BETWEEN_CUTS_MILLIS = 150;

  @Override
  public String name() {
    return (isStock() ? CriuCase.STOCK : CriuCase.OWN) + key;
  }

  @Override
  public String counterpart() {
    return CriuCase.OWN + key;
  }

  @Override
  public ResultTable table() {
    return ResultTable.CRIU_RIGHT;
  }

  @Override
  public String title() {
    return (isStock() ? "CRIU: " : "Faultline: ") + what;
  }

  @Override
  public String command() {
    return "criu dump --lazy-pages; lazy-pages over 160 Mbit/s, 10 ms; "
        + String.join("; ", commands);
  }

  private boolean isStock() {
    return path == PagePath.STOCK;
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    try (CriuLab lab = programs.open(1)) {
      Application application =
          Application.memoryServer(programs.lab(), MEBIBYTES, options.toArray(String[]::new));
      lab.source().start(application);
      return Map.of(Metric.RIGHT, isRight(lab, application) ? 1.0 : 0.0);
    } catch (LabUnavailableException e) {
      throw new CannotRunException(String.valueOf(e.getMessage()));
    }
  }

  private boolean isRight(CriuLab lab, Application application)
      throws IOException, InterruptedException, LabUnavailableException {
    HostCommand dump = lab.source().dumpLazily();
    lab.destination().copyImages(lab.source());
    try {
      move(lab, application, dump);
      return true;
    } catch (IOException e) {
      if (isStock()) {
        return false;
      }
      throw e;
    }
  }

  private void move(CriuLab lab, Application application, HostCommand dump)
      throws IOException, InterruptedException, LabUnavailableException {
    boolean fromSource = path == PagePath.SOURCE;
    if (fromSource) {
      lab.source().startPageSource(programs.daemon(false));
    }
    int port = fromSource ? SourceHost.PAGE_SOURCE_PORT : SourceHost.PAGE_SERVER_PORT;
    LinkRelay relay = lab.source().relay(LINK, port);
    DestinationHost destination = lab.destination();
    HostCommand pages =
        fromSource
            ? destination.startDaemonFrom(programs.daemon(false), relay.port())
            : destination.startDaemon(programs.daemon(isStock()), relay.port());
    destination.startRestore().awaitSuccess(LIMIT);
    try (LineClient client = destination.client(application.port())) {
      for (String command : commands) {
        client.send(command);
        cut(lab, relay, pages);
        require(client.answer(command, LIMIT), command);
      }
      pages.awaitSuccess(LIMIT);
      dump.awaitSuccess(LIMIT);
      if (lab.source().state().isPresent()) {
        throw new IOException("the source's process has not ended");
      }
      require(client.ask("CHECK", LIMIT), "CHECK");
    }
  }

  private void cut(CriuLab lab, LinkRelay relay, HostCommand pages)
      throws IOException, InterruptedException {
    for (int i = 0; i < cuts; i++) {
      Thread.sleep(BETWEEN_CUTS_MILLIS);
      if (!pages.isRunning()) {
        throw new IOException("lazy-pages ended before cut " + (i + 1) + ": " + pages.output());
      }
      relay.cut();
      if (lab.source().state().isEmpty()) {
        throw new IOException("the source's process ended before all pages had arrived");
      }
    }
  }

  private static void require(String answer, String command) throws IOException {
    if (!answer.startsWith("OK")) {
      throw new IOException(command + " was answered with " + answer);
    }
  }
}
